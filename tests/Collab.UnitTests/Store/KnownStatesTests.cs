using Collab.AspNetCore.Store;
using Collab.UnitTests.Kit;
using Microsoft.Extensions.Time.Testing;
using Xunit;

namespace Collab.UnitTests.Store;

/// <summary>Past states that were lately asked for: within their room, the longest unused goes first, and none stays for ever.</summary>
public sealed class KnownStatesTests : IDisposable
{
    private static readonly Guid Other = Guid.NewGuid();

    private readonly FakeTimeProvider _time = new();
    private readonly KnownStates _known;

    public KnownStatesTests() => _known = new(_time);

    public void Dispose() => _known.Dispose();

    [Fact]
    public void A_state_is_found_by_run_log_and_event()
    {
        var state = Keep(Some.Run, 5);

        Assert.Same(state, _known.Find(Some.Run, Some.Epoch, 5));
        Assert.Null(_known.Find(Some.Run, Some.Epoch, 4));
        Assert.Null(_known.Find(Some.Run, Guid.NewGuid(), 5));
        Assert.Null(_known.Find(Other, Some.Epoch, 5));
    }

    [Fact]
    public void The_newest_before_an_event_is_found()
    {
        var (three, seven) = (Keep(Some.Run, 3), Keep(Some.Run, 7));

        Assert.Null(_known.FindBefore(Some.Run, Some.Epoch, 2));
        Assert.Equal((3, three), _known.FindBefore(Some.Run, Some.Epoch, 6));
        Assert.Equal((7, seven), _known.FindBefore(Some.Run, Some.Epoch, 100));
        Assert.Null(_known.FindBefore(Some.Run, Guid.NewGuid(), 100));
    }

    [Fact]
    public void Past_its_room_the_longest_unused_goes()
    {
        const int Large = KnownStates.Room / 10;
        for (var n = 1; n <= 9; n++) Keep(n % 2 == 0 ? Some.Run : Other, n, Large);
        _known.Find(Other, Some.Epoch, 1);
        Keep(Some.Run, 10, Large);

        Assert.InRange(_known.Bytes, 1, KnownStates.Room);
        Assert.NotNull(_known.Find(Other, Some.Epoch, 1));
        Assert.Null(_known.Find(Some.Run, Some.Epoch, 2));
        Assert.NotNull(_known.Find(Some.Run, Some.Epoch, 10));
    }

    [Fact]
    public void One_that_is_too_large_is_not_kept()
    {
        Keep(Some.Run, 1, KnownStates.Room / 4);

        Assert.Null(_known.Find(Some.Run, Some.Epoch, 1));
        Assert.Equal(0, _known.Bytes);
    }

    [Fact]
    public void Another_log_takes_the_place_of_the_one_before()
    {
        Keep(Some.Run, 1);
        var state = new byte[7];
        _known.Keep(Some.Run, Other, 2, state);

        Assert.Null(_known.Find(Some.Run, Some.Epoch, 1));
        Assert.Same(state, _known.Find(Some.Run, Other, 2));
    }

    [Fact]
    public void What_is_not_used_for_a_minute_goes_by_itself()
    {
        Keep(Some.Run, 1);
        Keep(Other, 2);
        _time.Advance(TimeSpan.FromSeconds(45));
        _known.Find(Other, Some.Epoch, 2);
        _time.Advance(TimeSpan.FromSeconds(30));

        Assert.Null(_known.Find(Some.Run, Some.Epoch, 1));
        Assert.NotNull(_known.Find(Other, Some.Epoch, 2));

        _time.Advance(TimeSpan.FromMinutes(2));
        Assert.Equal(0, _known.Bytes);
    }

    private byte[] Keep(Guid run, long sequence, int length = 10)
    {
        var state = new byte[length];
        _known.Keep(run, Some.Epoch, sequence, state);
        return state;
    }
}
