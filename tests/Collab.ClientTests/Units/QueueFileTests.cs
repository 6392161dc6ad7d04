using System.Text.Json;
using Collab.Client;
using Collab.ClientTests.Kit;
using Collab.TestKit;
using Microsoft.Extensions.Logging.Abstractions;
using Xunit;

namespace Collab.ClientTests.Units;

/// <summary>What waits, where the next process finds it.</summary>
public sealed class QueueFileTests : IDisposable
{
    private static readonly Guid Run = Guid.NewGuid();

    private readonly TemporaryFolder _folder = new("queue");

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void A_queue_is_adopted_when_its_owner_has_ended_and_not_before()
    {
        var (first, second) = (NewFile(), NewFile());
        first.Save([Send(1), Send(2)]);
        Assert.Empty(Adopt(second));

        first.Release();

        Assert.Equal([Send(1), Send(2)], Adopt(second), Same);
        Assert.Empty(Adopt(NewFile()));
        Assert.Empty(Directory.GetFiles(_folder.Path));
    }

    [Fact]
    public void Queues_of_several_that_ended_are_adopted_in_the_order_of_their_making()
    {
        var files = Enumerable.Range(1, 5).Select(_ => NewFile()).ToArray();
        foreach (var (i, file) in files.Index()) file.Save([Send(i)]);
        foreach (var file in files.Reverse()) file.Release();

        Assert.Equal(Enumerable.Range(0, 5).Select(Send), Adopt(NewFile()), Same);
    }

    [Fact]
    public void A_queue_is_adopted_once_and_stays_until_who_adopted_it_has_saved_what_is_left_of_it()
    {
        var (first, second, third) = (NewFile(), NewFile(), NewFile());
        first.Save([Send(1)]);
        first.Release();

        Assert.Single(Take(second));
        Assert.Empty(Take(second));
        Assert.Empty(Take(third));
        second.Release();
        Assert.Single(Take(third));
        third.Save([]);

        Assert.Empty(Directory.GetFiles(_folder.Path));
    }

    [Fact]
    public void Runs_and_users_do_not_see_each_others_queues()
    {
        var alice = NewFile();
        alice.Save([Send(1)]);
        alice.Release();

        Assert.Empty(Adopt(NewFile(user: "bob")));
        Assert.Empty(Adopt(new QueueFile(_folder.Path, Guid.NewGuid(), "alice", NullLogger.Instance)));
        Assert.Single(Adopt(NewFile()));
    }

    [Fact]
    public void An_empty_queue_leaves_no_file()
    {
        var file = NewFile();
        file.Save([Send(1)]);
        file.Save([]);
        file.Release();

        Assert.Empty(Directory.GetFiles(_folder.Path));
    }

    [Fact]
    public void What_makes_no_sense_is_left_out()
    {
        var first = NewFile();
        first.Save([Send(1), Send(2)]);
        first.Release();
        var path = Directory.GetFiles(_folder.Path).Single();
        var neverMade = JsonSerializer.Serialize(Send(3) with { CreatedAt = long.MaxValue }, JsonSerializerOptions.Web);
        File.WriteAllText(path, $"{{}}\nnonsense\n{neverMade}\n" + File.ReadAllText(path)[..^20]);

        Assert.Equal([Send(1)], Adopt(NewFile()), Same);
    }

    [Theory]
    [InlineData("\"\\ud800\"")]
    [InlineData("60,000 BYTES")]
    public void What_could_not_be_sent_or_kept_again_is_left_out(string note)
    {
        var first = NewFile();
        first.Save([Send(1)]);
        first.Release();
        var path = Directory.GetFiles(_folder.Path).Single();
        var line = JsonSerializer.Serialize(Send(2), JsonSerializerOptions.Web);
        var value = note[0] == '"' ? note : $"\"{new string('x', 60_000)}\"";
        File.WriteAllText(path, line.Replace("\"data\":{", $"\"data\":{{\"note\":{value},", StringComparison.Ordinal) + "\n" + File.ReadAllText(path));

        Assert.Equal([Send(1)], Adopt(NewFile()), Same);
    }

    [Fact]
    public void A_refused_send_keeps_its_reason()
    {
        var refused = Send(1) with { RefusedCode = "invalid_event", RefusedText = "No." };

        var pending = refused.ToPending();

        Assert.Equal(PendingStatus.Refused, pending.Status);
        Assert.Equal("invalid_event", pending.Error?.CodeText);
        Assert.Equal(refused, KeptSend.Of(pending), Same);
    }

    [Fact]
    public void A_folder_that_cannot_be_written_is_told_once_and_harms_nothing()
    {
        var log = new Arrivals<string>();
        var file = new QueueFile(_folder["a file"] + "/queue", Run, "alice", new ListLogger(log));
        File.WriteAllText(_folder["a file"], "");

        file.Save([Send(1)]);
        file.Save([Send(1), Send(2)]);

        Assert.Contains("cannot be kept", Assert.Single(log.All));
    }

    [Fact]
    public void Nothing_to_keep_in_a_folder_that_was_never_made_is_no_failure()
    {
        var log = new Arrivals<string>();
        var file = new QueueFile(_folder["never made"], Run, "alice", new ListLogger(log));

        file.Save([]);
        file.Adopt(_ => Assert.Fail("There is nothing to adopt."));

        Assert.Empty(log.All);
    }

    private QueueFile NewFile(string user = "alice") => new(_folder.Path, Run, user, NullLogger.Instance);

    /// <summary>Takes over what it finds, and is done with it.</summary>
    private static List<KeptSend> Adopt(QueueFile file)
    {
        var adopted = Take(file);
        file.Save([]);
        return adopted;
    }

    private static List<KeptSend> Take(QueueFile file)
    {
        List<KeptSend> taken = [];
        file.Adopt(taken.AddRange);
        return taken;
    }

    private static KeptSend Send(int i) =>
        new(new Guid(i, 0, 0, new byte[8]), "FLAG", JsonElement.Parse($$"""{"stepId":"ü {{i}}"}"""), 1_760_000_000_000 + i, null, null);

    private static bool Same(KeptSend a, KeptSend b) => JsonSerializer.Serialize(a) == JsonSerializer.Serialize(b);
}
