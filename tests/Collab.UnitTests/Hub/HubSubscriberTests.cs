using System.Collections.Concurrent;
using Collab.AspNetCore.FanOut;
using Collab.AspNetCore.Hub;
using Collab.AspNetCore.Monitoring;
using Collab.AspNetCore.Refusals;
using Collab.TestKit;
using Collab.UnitTests.Kit;
using Microsoft.AspNetCore.SignalR;
using Microsoft.Extensions.Logging.Abstractions;
using Xunit;

namespace Collab.UnitTests.Hub;

/// <summary>A connection gets each critical event once and in order, as fast as it reads; when it does not, only cursors are left out.</summary>
public sealed class HubSubscriberTests : IDisposable
{
    private readonly HubPeer _peer = new();
    private readonly ConcurrentQueue<Feed> _waitForTick = new();
    private readonly HubConnectionContext _connection;
    private readonly Feed _feed;
    private readonly ConnectionRecord _record = Some.Monitor().NewRecord("connection", clientId: null);
    private readonly HubSubscriber _subscriber;

    public HubSubscriberTests()
    {
        var time = new ManualTime();
        var feeds = Some.Feeds(new EmptyStore(), time: time);
        _connection = _peer.Connection;
        _record.WhenEnded = _connection.Abort;
        _feed = new(Some.Run, keep: 10, maxLagBytes: 100_000, _waitForTick, NoFeedNews.Instance, time);
        _feed.Load(Some.Nothing, after: 0);
        _subscriber = new(_connection, _record, "bob", Some.Run, feeds, NullLogger.Instance);
        _feed.Attach(_subscriber, 0, asConnection: false);
    }

    public void Dispose()
    {
        _subscriber.Stop();
        _peer.Dispose();
    }

    [Fact]
    public async Task Nothing_is_written_before_the_answer_to_the_join()
    {
        Commit(1, 3);
        Assert.True(_peer.IsIdle);

        _subscriber.Begin();

        Assert.Equal([1, 2, 3], await _peer.ReadSequencesAsync(last: 3));
    }

    [Fact]
    public async Task A_client_that_reads_slowly_gets_every_event_once_and_in_order()
    {
        _subscriber.Begin();
        var publishing = Task.Run(() => Commit(1, 200));

        Assert.Equal(Enumerable.Range(1, 200).Select(n => (long)n), await _peer.ReadSequencesAsync(last: 200));
        await publishing;
        Assert.Equal((200, 1.0), (_record.ToMetrics().MessagesSent, _record.DeliveryRate));
    }

    [Fact]
    public async Task One_that_is_paused_writes_nothing_and_goes_on_where_it_was()
    {
        _subscriber.Begin();
        Commit(1, 2);
        Assert.Equal([1, 2], await _peer.ReadSequencesAsync(last: 2));
        _subscriber.Pause();
        Commit(3, 5);
        var other = new FakeSubscriber();
        _feed.Attach(other, 0, asConnection: false);
        Commit(6, 6);
        await other.HasAsync(6);
        Assert.True(_peer.IsIdle);

        _subscriber.GoOn();

        Assert.Equal([3, 4, 5, 6], await _peer.ReadSequencesAsync(last: 6));
    }

    [Fact]
    public async Task A_client_that_does_not_read_is_cut_off_and_what_it_did_not_get_is_counted()
    {
        _subscriber.Begin();
        var sequence = 0;
        while (!_connection.ConnectionAborted.IsCancellationRequested && sequence < 5_000)
        {
            Commit(++sequence, sequence);
            await Task.Yield();
        }

        await WaitForAsync(_connection.ConnectionAborted);
        Assert.Equal(Ending.FellBehind, _record.Ending);
        var counted = _record.ToMetrics();
        Assert.InRange(counted.MessagesSent, 1, sequence - 1);
        Assert.InRange(counted.MessageFailures, 1, sequence - counted.MessagesSent);
        Assert.Equal((double)counted.MessagesSent / (counted.MessagesSent + counted.MessageFailures), counted.MessageDeliveryRate);
    }

    private void Commit(int first, int last)
    {
        foreach (var e in Some.Events(first, last))
        {
            _feed.Committed(Some.Epoch, e);
            _feed.Flush();
        }
    }

    private static async Task WaitForAsync(CancellationToken token)
    {
        var cancelled = new TaskCompletionSource();
        await using var registration = token.Register(cancelled.SetResult);
        await cancelled.Task.WaitAsync(Patience.Default, CancellationToken.None);
    }
}
