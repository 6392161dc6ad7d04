using System.Buffers;
using System.Collections.Concurrent;
using System.IO.Pipelines;
using System.Text;
using System.Text.Json;
using Collab.AspNetCore.FanOut;
using Collab.AspNetCore.Hub;
using Collab.AspNetCore.Monitoring;
using Collab.AspNetCore.Refusals;
using Collab.TestKit;
using Collab.UnitTests.Kit;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.SignalR;
using Microsoft.AspNetCore.SignalR.Protocol;
using Microsoft.Extensions.Logging.Abstractions;
using Xunit;

namespace Collab.UnitTests.Hub;

/// <summary>A connection gets each critical event once and in order, as fast as it reads; when it does not, only cursors are left out.</summary>
public sealed class HubSubscriberTests : IAsyncLifetime
{
    private readonly Pipe _toClient = new(new PipeOptions(pauseWriterThreshold: 4096, resumeWriterThreshold: 2048, useSynchronizationContext: false));
    private readonly Pipe _fromClient = new();
    private readonly ConcurrentQueue<Feed> _waitForTick = new();
    private readonly HubConnectionContext _connection;
    private readonly Feed _feed;
    private readonly ConnectionRecord _record = Some.Monitor().NewRecord("connection", clientId: null);
    private readonly HubSubscriber _subscriber;

    public HubSubscriberTests()
    {
        var (options, time) = (Some.Options(), new ManualTime());
        var feeds = new Feeds(new EmptyStore(), new FeedHealer(Some.Metrics(), time, NullLogger<FeedHealer>.Instance), options, time, NullLogger<Feeds>.Instance);
        _connection = new(
            new DefaultConnectionContext("connection", new Duplex(_fromClient.Reader, _toClient.Writer), new Duplex(_toClient.Reader, _fromClient.Writer)),
            new HubConnectionContextOptions(), NullLoggerFactory.Instance)
        { Protocol = new CollabHubProtocol(new JsonHubProtocol()) };
        _record.WhenEnded = _connection.Abort;
        _feed = new(Some.Run, keep: 10, maxLagBytes: 100_000, _waitForTick, time);
        _feed.Load(Some.Nothing, after: 0);
        _subscriber = new(_connection, _record, "bob", Some.Run, feeds, NullLogger.Instance);
        _feed.Attach(_subscriber, 0, asConnection: false);
    }

    public Task InitializeAsync() => Task.CompletedTask;

    public async Task DisposeAsync()
    {
        _subscriber.Stop();
        await _toClient.Reader.CompleteAsync();
        await _fromClient.Writer.CompleteAsync();
    }

    [Fact]
    public async Task Nothing_is_written_before_the_answer_to_the_join()
    {
        Commit(1, 3);
        Assert.False(_toClient.Reader.TryRead(out _));

        _subscriber.Begin();

        Assert.Equal([1, 2, 3], await ReadSequencesAsync(last: 3));
    }

    [Fact]
    public async Task A_client_that_reads_slowly_gets_every_event_once_and_in_order()
    {
        _subscriber.Begin();
        var publishing = Task.Run(() => Commit(1, 200));

        Assert.Equal(Enumerable.Range(1, 200).Select(n => (long)n), await ReadSequencesAsync(last: 200));
        await publishing;
        Assert.Equal((200, 1.0), (_record.ToMetrics().MessagesSent, _record.DeliveryRate));
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

    private async Task<List<long>> ReadSequencesAsync(long last)
    {
        using var patience = new CancellationTokenSource(Patience.Default);
        var sequences = new List<long>();
        while (sequences.LastOrDefault() < last)
        {
            var read = await _toClient.Reader.ReadAsync(patience.Token);
            var buffer = read.Buffer;
            while (buffer.PositionOf((byte)0x1e) is { } end)
            {
                var message = JsonElement.Parse(Encoding.UTF8.GetString(buffer.Slice(0, end)));
                sequences.AddRange(message.GetProperty("arguments")[1].EnumerateArray().Select(e => e.GetProperty("sequenceNumber").GetInt64()));
                buffer = buffer.Slice(buffer.GetPosition(1, end));
            }
            _toClient.Reader.AdvanceTo(buffer.Start, buffer.End);
        }
        return sequences;
    }

    private static async Task WaitForAsync(CancellationToken token)
    {
        var cancelled = new TaskCompletionSource();
        await using var registration = token.Register(cancelled.SetResult);
        await cancelled.Task.WaitAsync(Patience.Default, CancellationToken.None);
    }

    private sealed class Duplex(PipeReader input, PipeWriter output) : IDuplexPipe
    {
        public PipeReader Input { get; } = input;

        public PipeWriter Output { get; } = output;
    }
}
