using System.Text.Json;
using Collab.Client;
using Collab.TestKit;
using Microsoft.Extensions.Logging;
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
        Assert.True(first.Save([Send(1), Send(2)]));
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
    public void A_queue_that_could_not_be_saved_by_who_adopts_it_stays()
    {
        var first = NewFile();
        first.Save([Send(1)]);
        first.Release();

        NewFile().Adopt(_ => false);

        Assert.Single(Adopt(NewFile()));
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

        Assert.False(file.Save([Send(1)]));
        Assert.False(file.Save([Send(1), Send(2)]));

        Assert.Contains("cannot be kept", Assert.Single(log.All));
    }

    private QueueFile NewFile(string user = "alice") => new(_folder.Path, Run, user, NullLogger.Instance);

    private static List<KeptSend> Adopt(QueueFile file)
    {
        List<KeptSend> adopted = [];
        file.Adopt(sends =>
        {
            adopted.AddRange(sends);
            return true;
        });
        return adopted;
    }

    private static KeptSend Send(int i) =>
        new(new Guid(i, 0, 0, new byte[8]), "FLAG", JsonElement.Parse($$"""{"stepId":"ü {{i}}"}"""), 1_760_000_000_000 + i, null, null);

    private static bool Same(KeptSend a, KeptSend b) => JsonSerializer.Serialize(a) == JsonSerializer.Serialize(b);

    private sealed class ListLogger(Arrivals<string> lines) : ILogger
    {
        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
            lines.Add(formatter(state, exception));
    }
}
