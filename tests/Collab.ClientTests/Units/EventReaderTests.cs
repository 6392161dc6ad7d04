using System.Text.Json.Nodes;
using Collab.Client;
using Collab.ClientTests.Conformance;
using Collab.ClientTests.Kit;
using Collab.Protocol;
using Xunit;

namespace Collab.ClientTests.Units;

/// <summary>Readers of one run, at their own pace.</summary>
public sealed class EventReaderTests
{
    [Fact]
    public void A_slow_reader_gets_each_event_once_from_what_is_held_then_the_snapshot_then_the_server() => Run(maxEvents: 20, maxUnread: 10, client =>
    {
        var reader = new SlowReader(client);
        reader.Read(1);
        GoLive(client, 1, 5);
        Assert.Equal([1], reader.Seen);

        // One by one, so that the reader, who does not move, is overtaken: he holds ten, the list the newest twenty.
        for (var i = 6; i <= 60; i++) Receive(client, i);
        reader.Read(100);

        Assert.Equal(Range(1, 11), reader.Seen);
        Assert.Equal(["replay 11"], Asked(client));
        Replay(client, 12, 60);
        Assert.Equal(Range(1, 60), reader.Seen);

        Receive(client, 61);
        Assert.Equal(Range(1, 61), reader.Seen);
        Assert.Empty(Asked(client));
        reader.Stop();
    });

    [Fact]
    public void A_slow_reader_does_not_need_the_server_for_what_the_snapshot_has() => Run(maxEvents: 50, maxUnread: 10, client =>
    {
        var reader = new SlowReader(client);
        reader.Read(1);
        GoLive(client, 1, 5);
        for (var i = 6; i <= 40; i++) Receive(client, i);

        reader.Read(100);

        Assert.Equal(Range(1, 40), reader.Seen);
        Assert.Empty(Asked(client));
        reader.Stop();
    });

    [Fact]
    public void What_nobody_keeps_any_more_is_skipped() => Run(maxEvents: 5, maxUnread: 5, client =>
    {
        var reader = new SlowReader(client);
        reader.Read(1);
        GoLive(client, 1, 2);
        for (var i = 3; i <= 40; i++) Receive(client, i);

        reader.Read(100);
        Replay(client, 31, 38);
        reader.Read(100);

        Assert.Equal([.. Range(1, 6), .. Range(31, 40)], reader.Seen);
        Assert.Empty(Asked(client));
        reader.Stop();
    });

    [Fact]
    public void A_replay_that_fails_is_asked_for_again() => Run(maxEvents: 5, maxUnread: 5, client =>
    {
        var reader = new SlowReader(client);
        reader.Read(1);
        GoLive(client, 1, 2);
        for (var i = 3; i <= 20; i++) Receive(client, i);
        reader.Read(100);
        Assert.Equal(["replay 6"], Asked(client));

        client.Server.Take(r => r.Name == "replay")!.Reject(new IOException("The network failed."));
        client.Pump.Settle();
        Assert.Empty(Asked(client));
        client.Time.Advance(TimeSpan.FromSeconds(2));
        Assert.Equal(["replay 6"], Asked(client));
        Replay(client, 7, 20);

        Assert.Equal(Range(1, 20), reader.Seen);
        reader.Stop();
    });

    [Fact]
    public void A_slow_reader_goes_on_with_the_new_log_when_the_run_is_erased() => Run(maxEvents: 5, maxUnread: 5, client =>
    {
        var reader = new SlowReader(client);
        reader.Read(1);
        GoLive(client, 1, 2);
        for (var i = 3; i <= 20; i++) Receive(client, i);
        reader.Read(100);
        var replay = client.Server.Take(r => r.Name == "replay")!;

        client.Server.Hubs[0].Drop(null);
        client.Time.Advance(TimeSpan.FromMilliseconds(100));
        client.Server.Take(r => r.Name == "open")!.Resolve(null);
        client.Pump.Settle();
        client.Server.Take(r => r.Name == "JoinRun")!.Resolve(Shorthand.Answer(new JsonObject { ["epoch"] = "e2", ["lastSequence"] = 2 }));
        client.Pump.Settle();
        client.Server.Take(r => r.Name == "JoinRun")!.Resolve(Shorthand.Answer(new JsonObject { ["epoch"] = "e2", ["events"] = new JsonArray("1-2") }));
        client.Pump.Settle();
        replay.Resolve(ReplayAnswer(7, 20));
        client.Pump.Settle();

        Assert.Equal([.. Range(1, 6), 1, 2], reader.Seen);
        reader.Stop();
    });

    [Fact]
    public void Who_is_behind_misses_ephemeral_events_only() => Run(maxEvents: 100, maxUnread: 3, client =>
    {
        var reader = new SlowReader(client);
        reader.Read(1);
        GoLive(client, 1, 1);
        for (var i = 2; i <= 5; i++)
        {
            Receive(client, i);
            client.Server.Hubs[0].Send(OfflineClient.RunId, Shorthand.Events([new JsonObject { ["eventType"] = "USER_JOIN", ["userId"] = $"user {i}" }]));
            client.Pump.Settle();
        }

        reader.Read(100);

        Assert.Equal(Range(1, 5), reader.Seen);
        Assert.Equal(["user 2"], reader.Ephemeral);
        Assert.Equal(["user 2", "user 3", "user 4", "user 5"], client.Connection.Snapshot.ActiveUsers);
        reader.Stop();
    });

    [Fact]
    public void A_reader_who_comes_late_begins_with_the_snapshot_or_with_now() => Run(maxEvents: 10, maxUnread: 5, client =>
    {
        GoLive(client, 1, 30);
        var all = new SlowReader(client);
        var news = new SlowReader(client, includeHistory: false);
        all.Read(100);
        news.Read(100);
        Receive(client, 31);

        Assert.Equal(Range(21, 31), all.Seen);
        Assert.Equal([31], news.Seen);
        all.Stop();
        news.Stop();
    });

    [Fact]
    public void Reading_ends_when_the_connection_is_disposed() => Run(maxEvents: 10, maxUnread: 5, client =>
    {
        var reader = new SlowReader(client);
        reader.Read(100);
        GoLive(client, 1, 3);

        client.Do(async () => await client.Connection.DisposeAsync());
        client.Pump.Settle();

        Assert.True(reader.HasEnded);
        Assert.Null(reader.Error);
        var late = new SlowReader(client);
        late.Read(1);
        Assert.True(late.HasEnded);
    });

    [Fact]
    public void Reading_ends_with_the_error_when_the_server_refuses_this_client() => Run(maxEvents: 10, maxUnread: 5, client =>
    {
        var reader = new SlowReader(client);
        reader.Read(100);
        client.Connection.Connect();
        client.Pump.Settle();
        client.Server.Take(r => r.Name == "open")!.Resolve(null);
        client.Pump.Settle();

        client.Server.Take(r => r.Name == "JoinRun")!.Reject(new Microsoft.AspNetCore.SignalR.HubException("[forbidden] No."));
        client.Pump.Settle();

        Assert.Equal(CollabErrorCode.Forbidden, reader.Error?.Code);
    });

    [Fact]
    public void Whoever_begins_to_read_after_that_gets_the_history_and_the_error_too() => Run(maxEvents: 10, maxUnread: 5, client =>
    {
        GoLive(client, 1, 3);
        client.Server.Hubs[^1].Drop(new Microsoft.AspNetCore.SignalR.HubException("[forbidden] Not any more."));
        client.Pump.Settle();
        Assert.IsType<ConnectionState.Closed>(client.Connection.Snapshot.Connection);

        var late = new SlowReader(client);
        late.Read(100);

        Assert.Equal(Range(1, 3), late.Seen);
        Assert.Equal(CollabErrorCode.Forbidden, late.Error?.Code);
    });

    [Fact]
    public void A_reader_of_a_connection_that_the_application_closed_waits_for_it_to_be_opened_again() => Run(maxEvents: 10, maxUnread: 5, client =>
    {
        GoLive(client, 1, 3);
        client.Do(client.Connection.CloseAsync);
        client.Pump.Settle();
        var reader = new SlowReader(client);
        reader.Read(100);
        Assert.False(reader.HasEnded);

        GoLive(client, 4, 5);

        Assert.Equal(Range(1, 5), reader.Seen);
        reader.Stop();
    });

    private static void Run(int maxEvents, int maxUnread, Action<OfflineClient> test) =>
        OfflineClient.Run(test, new CollabClientOptions { MaxEvents = maxEvents, MaxUnread = maxUnread });

    private static void GoLive(OfflineClient client, int first, int last)
    {
        client.Connection.Connect();
        client.Pump.Settle();
        client.Server.Take(r => r.Name == "open")!.Resolve(null);
        client.Pump.Settle();
        client.Server.Take(r => r.Name == "JoinRun")!.Resolve(Shorthand.Answer(new JsonObject { ["events"] = new JsonArray($"{first}-{last}") }));
        client.Pump.Settle();
        client.Server.TakeAsked();
    }

    private static void Receive(OfflineClient client, int sequence)
    {
        client.Server.Hubs[^1].Send(OfflineClient.RunId, Shorthand.Events([sequence]));
        client.Pump.Settle();
    }

    private static void Replay(OfflineClient client, int first, int last)
    {
        client.Server.Take(r => r.Name == "replay")!.Resolve(ReplayAnswer(first, last));
        client.Pump.Settle();
        client.Server.TakeAsked();
    }

    private static JsonObject ReplayAnswer(int first, int last)
    {
        var answer = Shorthand.Answer(new JsonObject { ["events"] = new JsonArray($"{first}-{last}") });
        answer["hasMore"] = false;
        answer["totalEvents"] = last - first + 1;
        return answer;
    }

    private static string[] Asked(OfflineClient client) =>
        [.. client.Server.TakeAsked().Where(r => r.Name != "Ping").Select(r => string.Join(' ', r.Details.Prepend(r.Name)))];

    private static IEnumerable<long> Range(int first, int last) => Enumerable.Range(first, last - first + 1).Select(i => (long)i);

    /// <summary>Reads as many events as it is told, and then waits to be told again.</summary>
    private sealed class SlowReader
    {
        private readonly OfflineClient _client;
        private readonly List<CollaborationEvent> _seen = [];
        private TaskCompletionSource _more = new();
        private int _goal;
        private bool _stops;

        public SlowReader(OfflineClient client, bool includeHistory = true)
        {
            _client = client;
            client.Do(() => ReadAsync(includeHistory));
            client.Pump.Settle();
        }

        public IEnumerable<long> Seen => _seen.Select(e => e.SequenceNumber).OfType<long>();

        public IEnumerable<string> Ephemeral => _seen.Where(e => e.SequenceNumber is null).Select(e => e.UserId);

        public bool HasEnded { get; private set; }

        public CollabException? Error { get; private set; }

        public void Read(int more)
        {
            _goal = _seen.Count + more;
            _more.TrySetResult();
            _client.Pump.Settle();
        }

        public void Stop()
        {
            _stops = true;
            Read(1);
        }

        private async Task ReadAsync(bool includeHistory)
        {
            try
            {
                await foreach (var e in _client.Connection.ReadEventsAsync(includeHistory))
                {
                    _seen.Add(e);
                    while (_seen.Count >= _goal && !_stops)
                    {
                        _more = new();
                        await _more.Task;
                    }
                    if (_stops) break;
                }
            }
            catch (CollabException e)
            {
                Error = e;
            }
            HasEnded = true;
        }
    }
}
