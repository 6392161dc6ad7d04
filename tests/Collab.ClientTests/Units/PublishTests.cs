using System.Text.Json;
using System.Text.Json.Nodes;
using Collab.Client;
using Collab.ClientTests.Kit;
using Collab.Protocol;
using Microsoft.Extensions.Logging.Abstractions;
using Xunit;

namespace Collab.ClientTests.Units;

/// <summary>What a publish needs no server for.</summary>
public sealed class PublishTests
{
    [Theory]
    [InlineData("[]")]
    [InlineData("5")]
    [InlineData("null")]
    public void Data_that_is_no_object_is_refused_at_once(string data) => OfflineClient.Run(client =>
    {
        var publish = client.Connection.PublishAsync("FLAG", JsonElement.Parse(data));

        Assert.Equal(CollabErrorCode.InvalidEvent, Refusal(publish).Code);
    });

    [Fact]
    public void Data_that_is_no_text_is_refused_at_once() => OfflineClient.Run(client =>
    {
        var publish = client.Connection.PublishAsync("FLAG", JsonElement.Parse("""{ "stepId": "PM", "note": "\ud800" }"""));

        Assert.Equal(CollabErrorCode.InvalidEvent, Refusal(publish).Code);
    });

    [Fact]
    public void Data_that_no_server_would_take_is_refused_at_once() => OfflineClient.Run(client =>
    {
        Assert.Equal(CollabErrorCode.PayloadTooLarge, Refusal(client.Connection.FlagAsync("S", new string('x', 60_000))).Code);
        // 59,000 bytes are well over what the server's default would take; that the server says.
        Assert.False(client.Connection.FlagAsync("S", new string('x', 59_000)).IsCompleted);
    });

    [Fact]
    public void A_run_that_has_ended_takes_nothing_new_and_what_may_be_a_repeat_is_for_the_server_to_judge() => OfflineClient.Run(client =>
    {
        GoLive(client, new JsonObject { ["ended"] = true });
        Assert.True(client.Connection.Snapshot.Ended);

        var publish = client.Connection.FlagAsync("S");
        client.Pump.Settle();

        var refused = Refusal(publish);
        Assert.Equal((CollabErrorCode.RunEnded, false), (refused.Code, refused.IsRetryable));
        Assert.Empty(client.Connection.Snapshot.Pending);
        var repeat = client.Connection.PublishAsync("FLAG", JsonElement.Parse("{}"), Guid.NewGuid());
        client.Pump.Settle();
        Assert.False(repeat.IsCompleted);
        Assert.Single(client.Connection.Snapshot.Pending);
    });

    [Theory]
    [InlineData(false, false)]
    [InlineData(true, false)]
    [InlineData(true, true)]
    public void A_publish_after_the_end_fails_as_closed(bool wasConnected, bool isDisposed) => OfflineClient.Run(client =>
    {
        if (wasConnected) GoLive(client);
        client.Do(() => isDisposed ? client.Connection.DisposeAsync().AsTask() : client.Connection.CloseAsync());
        client.Pump.Settle();

        var publish = client.Connection.FlagAsync("S");
        client.Pump.Settle();

        Assert.Equal("closed", Assert.IsType<ConnectionClosedException>(Refusal(publish)).CodeText);
    });

    [Fact]
    public void A_publish_after_the_server_has_refused_this_client_fails_with_that_refusal() => OfflineClient.Run(client =>
    {
        client.Connection.Connect();
        client.Pump.Settle();
        client.Server.Take(r => r.Name == "open")!.Reject(new Microsoft.AspNetCore.SignalR.HubException("[forbidden] No."));
        client.Pump.Settle();

        var publish = client.Connection.FlagAsync("S");
        client.Pump.Settle();

        Assert.Equal(CollabErrorCode.Forbidden, Refusal(publish).Code);
    });

    [Fact]
    public void A_publish_that_nobody_waits_for_is_no_unobserved_failure_however_it_ends()
    {
        var unobserved = new List<Exception>();
        TaskScheduler.UnobservedTaskException += Note;
        try
        {
            PublishAndForget();
            for (var i = 0; i < 3; i++)
            {
                GC.Collect();
                GC.WaitForPendingFinalizers();
            }
        }
        finally
        {
            TaskScheduler.UnobservedTaskException -= Note;
        }
        // What tests beside this one leave unobserved is heard here too.
        Assert.DoesNotContain(unobserved, e => e is CollabException && e.StackTrace?.Contains("WaitForAsync", StringComparison.Ordinal) != true);

        void Note(object? sender, UnobservedTaskExceptionEventArgs e)
        {
            lock (unobserved) unobserved.AddRange(e.Exception.Flatten().InnerExceptions);
        }
    }

    [Fact]
    public void A_caller_who_no_longer_waits_does_not_take_his_event_back() => OfflineClient.Run(client =>
    {
        using var stop = new CancellationTokenSource();
        var publish = client.Connection.FlagAsync("S", cancellationToken: stop.Token);
        client.Pump.Settle();

        stop.Cancel();

        Assert.True(SpinWait.SpinUntil(() => publish.IsCanceled, TestKit.Patience.Default));
        Assert.Equal(PendingStatus.Queued, Assert.Single(client.Connection.Snapshot.Pending).Status);
    });

    [Fact]
    public void A_repeat_of_an_event_that_was_refused_is_refused_too_until_it_is_retried() => OfflineClient.Run(client =>
    {
        var id = Guid.NewGuid();
        GoLive(client);
        var first = Publish();
        RefuseNext();
        Assert.Equal(CollabErrorCode.Forbidden, Refusal(first).Code);

        var again = Publish();
        Assert.Equal(CollabErrorCode.Forbidden, Refusal(again).Code);

        client.Connection.Retry(id);
        var third = Publish();
        Assert.False(third.IsCompleted);
        RefuseNext();
        Assert.Equal(CollabErrorCode.Forbidden, Refusal(third).Code);

        Task Publish()
        {
            var publish = client.Connection.PublishAsync("FLAG", JsonElement.Parse("""{"stepId":"S"}"""), id);
            client.Pump.Settle();
            return publish;
        }

        void RefuseNext()
        {
            client.Server.Take(r => r.Name == "Publish")!.Reject(new Microsoft.AspNetCore.SignalR.HubException("[forbidden] No."));
            client.Pump.Settle();
        }
    });

    [Fact]
    public void What_is_discarded_after_the_end_keeps_no_hold_of_the_rest()
    {
        using var folder = new TestKit.TemporaryFolder("queue");
        OfflineClient.Run(client =>
        {
            GoLive(client);
            var ids = Enumerable.Range(0, 2).Select(_ => Guid.NewGuid()).ToArray();
            foreach (var id in ids)
            {
                _ = client.Connection.PublishAsync("FLAG", JsonElement.Parse("""{"stepId":"S"}"""), id);
                client.Pump.Settle();
                client.Server.Take(r => r.Name == "Publish")!.Reject(new Microsoft.AspNetCore.SignalR.HubException("[forbidden] No."));
                client.Pump.Settle();
            }
            Assert.Single(Directory.GetFiles(folder.Path, "*.lock"));
            client.End();

            client.Connection.Discard(ids[0]);
            client.Pump.Settle();

            Assert.Single(File.ReadLines(Assert.Single(Directory.GetFiles(folder.Path))));
        }, new CollabClientOptions { QueueFolder = folder.Path });
    }

    [Fact]
    public void A_token_that_comes_in_the_moment_of_the_end_takes_no_queue_over()
    {
        using var folder = new TestKit.TemporaryFolder("queue");
        OfflineClient.Run(client =>
        {
            client.Connection.Connect();
            _ = client.Connection.FlagAsync("S");
            client.Pump.Settle();
        }, new CollabClientOptions { QueueFolder = folder.Path });
        var kept = Directory.GetFiles(folder.Path);
        Assert.Single(kept);
        var token = new TaskCompletionSource<string>();
        OfflineClient.Run(client =>
        {
            client.Connection.Connect();
            client.Pump.Settle();

            var closing = client.Connection.CloseAsync();
            // The token's turn comes after that of the end.
            token.SetResult(FakeTokens.Create("alice", null, 1));
            client.Pump.Settle();

            Assert.True(closing.IsCompletedSuccessfully);
            Assert.Null(client.Connection.Snapshot.UserId);
            Assert.Empty(client.Connection.Snapshot.Pending);
            Assert.Equal(0, client.Time.Running);
            Assert.Equal(kept, Directory.GetFiles(folder.Path));
        }, new CollabClientOptions { QueueFolder = folder.Path, Token = _ => new(token.Task) });
    }

    [Fact]
    public void A_server_that_asks_for_more_patience_than_a_timer_has_gets_what_there_is()
    {
        var strand = new Strand(action => action(), NullLogger.Instance);
        var alarm = new Alarm(strand, TimeProvider.System, () => { });

        alarm.Set(TimeSpan.FromSeconds(int.MaxValue));

        Assert.True(alarm.IsSet);
        alarm.Stop();
    }

    [Fact]
    public void Graft_prune_and_flag_say_what_the_protocol_wants() => OfflineClient.Run(client =>
    {
        Task[] sends =
        [
            client.Connection.GraftAsync("ARCHITECT", "scanner"),
            client.Connection.PruneAsync("SRE", true),
            client.Connection.FlagAsync("PM"),
            client.Connection.FlagAsync("PM", "look"),
        ];
        client.Pump.Settle();
        Assert.DoesNotContain(sends, send => send.IsCompleted);

        Assert.Equal(
            [
                ("GRAFT", """{"after":"ARCHITECT","agentName":"scanner"}"""),
                ("PRUNE", """{"stepId":"SRE","isPruned":true}"""),
                ("FLAG", """{"stepId":"PM","note":null}"""),
                ("FLAG", """{"stepId":"PM","note":"look"}"""),
            ],
            client.Connection.Snapshot.Pending.Select(send => (send.EventType, send.Data.GetRawText())));
    });

    [Fact]
    public void After_its_end_a_connection_refuses_what_it_is_given() => OfflineClient.Run(client =>
    {
        client.End();

        var publish = client.Connection.FlagAsync("S");
        client.Pump.Settle();

        Assert.IsType<ConnectionClosedException>(Refusal(publish));
        Assert.Throws<ObjectDisposedException>(client.Connection.Connect);
        client.Connection.MoveCursor("S");
        client.Connection.RetryNow();
        // As if somebody had called Connect just before the end.
        client.Connection.Core.Connect();
        client.Pump.Settle();
        Assert.Equal(0, client.Time.Running);
        Assert.Empty(client.Server.Waiting);
    });

    private static void GoLive(OfflineClient client, JsonObject? run = null)
    {
        client.Connection.Connect();
        client.Pump.Settle();
        client.Server.Take(r => r.Name == "open")!.Resolve(null);
        client.Pump.Settle();
        client.Server.Take(r => r.Name == "JoinRun")!.Resolve(Conformance.Shorthand.Answer(run));
        client.Pump.Settle();
    }

    private static CollabException Refusal(Task task)
    {
        Assert.True(task.IsFaulted);
        return Assert.IsAssignableFrom<CollabException>(task.Exception.InnerException);
    }

    /// <summary>In a method of its own, so that nothing holds the tasks.</summary>
    [System.Runtime.CompilerServices.MethodImpl(System.Runtime.CompilerServices.MethodImplOptions.NoInlining)]
    private static void PublishAndForget() => OfflineClient.Run(client =>
    {
        using var stop = new CancellationTokenSource();
        GoLive(client);
        _ = client.Connection.FlagAsync("S", cancellationToken: stop.Token);
        _ = client.Connection.FlagAsync("S");
        client.Do(client.Connection.CloseAsync);
        client.Pump.Settle();
        _ = client.Connection.FlagAsync("S", cancellationToken: stop.Token);
        _ = client.Connection.FlagAsync("S");
        _ = client.Connection.PublishAsync("FLAG", default, cancellationToken: stop.Token);
        client.Pump.Settle();
    });
}
