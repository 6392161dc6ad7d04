using System.Text.Json;
using Collab.Cli.Load;
using Collab.Protocol;
using Xunit;

namespace Collab.CliTests.Units;

/// <summary>What the check of a load finds, and that it does find it.</summary>
public sealed class ReceiptsTests
{
    private readonly LoadRun _run = new(Guid.NewGuid());
    private readonly Guid[] _published = [.. Enumerable.Range(0, 200).Select(_ => Guid.NewGuid())];
    private readonly Receipts _receipts;

    public ReceiptsTests()
    {
        _receipts = new Receipts(_run);
        foreach (var id in _published) _run.Acknowledged.Add(_run.Add(id, now: 0).Index);
    }

    [Fact]
    public void All_of_them_in_order_are_whole_wherever_the_numbers_begin()
    {
        for (var i = 0; i < 200; i++) Assert.Equal(i, _receipts.Take(Event(50 + i, i))?.Index);

        Assert.Equal((0, 0, 0), Found);
    }

    [Fact]
    public void One_that_is_lost_is_missing_and_the_next_one_is_out_of_order()
    {
        for (var i = 0; i < 200; i++) if (i != 77) _receipts.Take(Event(i + 1, i));

        Assert.Equal((1, 0, 1), Found);
    }

    [Fact]
    public void The_last_and_the_first_are_missed_too()
    {
        for (var i = 1; i < 199; i++) _receipts.Take(Event(i + 1, i));

        Assert.Equal((2, 0, 0), Found);
    }

    [Fact]
    public void One_that_comes_twice_is_a_repeat_under_whatever_number()
    {
        for (var i = 0; i < 200; i++) _receipts.Take(Event(i + 1, i));
        Assert.Null(_receipts.Take(Event(201, 5)));

        Assert.Equal((0, 1, 0), Found);
    }

    [Fact]
    public void Two_that_change_places_are_out_of_order()
    {
        for (var i = 0; i < 200; i++) _receipts.Take(Event(i + 1, i));
        _receipts.Take(Event(203, null));
        _receipts.Take(Event(202, null));

        Assert.Equal((0, 0, 2), Found);
    }

    [Fact]
    public void Events_of_others_count_for_the_order_only()
    {
        for (var i = 0; i < 200; i++)
        {
            _receipts.Take(Event((2 * i) + 1, i));
            Assert.Null(_receipts.Take(Event((2 * i) + 2, null)));
        }

        Assert.Equal((0, 0, 0), Found);
    }

    private (long Missing, long Repeated, long OutOfOrder) Found => (_receipts.Missing, _receipts.Repeated, _receipts.OutOfOrder);

    private CollaborationEvent Event(long sequence, int? published) =>
        new(_run.Id, sequence, "FLAG", "load", 0, JsonElement.Parse("{}"), true, published is { } i ? _published[i] : Guid.NewGuid());
}
