using System.Buffers;
using System.Runtime.InteropServices;
using System.Text;
using Collab.AspNetCore.FanOut;
using Collab.AspNetCore.Hub;
using Collab.AspNetCore.Monitoring;
using Collab.TestKit;
using Collab.UnitTests.Kit;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Connections.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Xunit;

namespace Collab.UnitTests.Hub;

/// <summary>What SignalR writes reaches the client's WebSocket as whole frames, in order, and never waits for a client that does not read.</summary>
public sealed class HubOutputTests : IAsyncLifetime, IDisposable
{
    private static readonly TimeSpan SendTimeout = TimeSpan.FromMinutes(5);

    private readonly RecordingStream _stream = new();
    private readonly Request _request = new();
    private readonly Format _format = new();
    private readonly ManualTime _time = new();
    private readonly HubWire _wire;
    private readonly HubOutput _output;

    public HubOutputTests()
    {
        var http = new DefaultHttpContext();
        http.Features.Set<IHttpRequestLifetimeFeature>(_request);
        _wire = new(http, new Upgrade(_stream));
        _output = new(_wire, _format, SendTimeout, _time);
    }

    public Task InitializeAsync() => _wire.UpgradeAsync();

    public async Task DisposeAsync() => await _output.CompleteAsync();

    public void Dispose() => _stream.Dispose();

    [Theory]
    [InlineData(1, new byte[] { 0x81, 1 })]
    [InlineData(125, new byte[] { 0x81, 125 })]
    [InlineData(126, new byte[] { 0x81, 126, 0, 126 })]
    [InlineData(65_535, new byte[] { 0x81, 126, 0xff, 0xff })]
    [InlineData(65_536, new byte[] { 0x81, 127, 0, 0, 0, 0, 0, 1, 0, 0 })]
    public async Task A_message_is_one_frame_whatever_its_length_and_however_it_is_written(int length, byte[] header)
    {
        var message = Enumerable.Range(0, length).Select(i => (byte)i).ToArray();
        foreach (var part in message.Chunk(1000)) _output.Write(part);

        await _output.FlushAsync();

        Assert.Equal([.. header, .. message], Assert.Single(_stream.Writes).ToArray());
    }

    [Fact]
    public async Task A_binary_protocol_gets_binary_frames()
    {
        _format.ActiveFormat = TransferFormat.Binary;
        await _output.WriteAsync(new byte[] { 7 });

        Assert.Equal([0x82, 1, 7], Assert.Single(_stream.Writes).ToArray());
    }

    [Fact]
    public async Task Events_go_to_every_follower_without_being_copied()
    {
        var message = Frame.Apart(Some.Run, [], ["{}"u8.ToArray()]).In(HubFrames.Json);

        _output.Take(message);
        await _output.FlushAsync();

        var sent = Assert.Single(_stream.Writes);
        Assert.True(MemoryMarshal.TryGetArray(sent, out var array) && MemoryMarshal.TryGetArray(message.Framed, out var own) && array.Array == own.Array);
        Assert.StartsWith("""{"type":1,"target":"ReceiveEvents",""", Encoding.UTF8.GetString(sent.Span[2..]), StringComparison.Ordinal);
        Assert.Equal(sent.Length - 2, message.Length);
        Assert.Equal(sent.Length - 2, sent.Span[1]);
    }

    [Fact]
    public async Task Events_and_other_messages_that_are_flushed_together_keep_their_order()
    {
        var message = Frame.Apart(Some.Run, [], []).In(HubFrames.Json);
        _output.Write("before"u8);
        _output.Take(message);
        _output.Write("after"u8);
        await _output.FlushAsync();
        _output.Take(message);
        _output.Write("then"u8);
        await _output.FlushAsync();

        var texts = _stream.Writes.Select(w => Encoding.UTF8.GetString(w.Span)).ToArray();
        Assert.Equal(2, texts.Length);
        Assert.Matches("before.*ReceiveEvents.*after$", texts[0].Replace('\u001e', ' '));
        Assert.Matches("ReceiveEvents.*then$", texts[1].Replace('\u001e', ' '));
    }

    [Fact]
    public async Task A_flush_of_nothing_sends_nothing()
    {
        Assert.False((await _output.FlushAsync()).IsCompleted);
        Assert.Empty(_stream.Writes);
    }

    [Fact]
    public async Task A_client_that_does_not_read_is_aborted_a_moment_after_its_connection_ends()
    {
        _stream.Stall();
        var flush = _output.WriteAsync("x"u8.ToArray()).AsTask();
        _output.CancelPendingFlush();
        _output.CancelPendingFlush();
        Assert.False(_request.Aborted.Task.IsCompleted);

        _time.Advance(LastWords.Moment);

        await _request.Aborted.Task.WaitAsync(Patience.Default);
        _stream.Fail();
        Assert.True((await flush.WaitAsync(Patience.Default)).IsCompleted);
        Assert.True((await _output.WriteAsync("more"u8.ToArray())).IsCompleted);
        Assert.Single(_stream.Writes);
    }

    [Fact]
    public async Task A_client_that_reads_on_in_that_moment_gets_the_frame_that_waited_and_the_goodbye()
    {
        _stream.Stall();
        var flush = _output.WriteAsync("events"u8.ToArray()).AsTask();
        _output.CancelPendingFlush();
        _time.Advance(LastWords.Moment / 2);

        _stream.GoOn();
        await flush.WaitAsync(Patience.Default);
        await _output.WriteAsync("goodbye"u8.ToArray());

        Assert.Equal(["events", "goodbye"], _stream.Writes.Select(w => Encoding.UTF8.GetString(w.Span[2..])));
        _time.Advance(LastWords.Moment);
        await _output.CompleteAsync();
        Assert.False(_request.Aborted.Task.IsCompleted);
    }

    [Fact]
    public async Task A_client_that_stops_reading_when_its_connection_ends_is_aborted_too()
    {
        _output.CancelPendingFlush();
        _stream.Stall();
        var flush = _output.WriteAsync("goodbye"u8.ToArray()).AsTask();

        _time.Advance(LastWords.Moment);

        await _request.Aborted.Task.WaitAsync(Patience.Default);
        _stream.Fail();
        Assert.True((await flush.WaitAsync(Patience.Default)).IsCompleted);
    }

    [Fact]
    public async Task The_frame_that_waits_and_the_goodbye_share_one_moment()
    {
        _stream.Stall();
        var flush = _output.WriteAsync("events"u8.ToArray()).AsTask();
        _output.CancelPendingFlush();
        _time.Advance(LastWords.Moment / 2);
        _stream.GoOn();
        await flush.WaitAsync(Patience.Default);
        _stream.Stall();
        var goodbye = _output.WriteAsync("goodbye"u8.ToArray()).AsTask();

        _time.Advance(LastWords.Moment / 2);

        await _request.Aborted.Task.WaitAsync(Patience.Default);
        _stream.Fail();
        Assert.True((await goodbye.WaitAsync(Patience.Default)).IsCompleted);
    }

    [Fact]
    public async Task Once_the_moment_is_over_nothing_more_waits()
    {
        _stream.Stall();
        var flush = _output.WriteAsync("events"u8.ToArray()).AsTask();
        _output.CancelPendingFlush();
        _stream.GoOn();
        await flush.WaitAsync(Patience.Default);
        _time.Advance(LastWords.Moment);
        _stream.Stall();
        var goodbye = _output.WriteAsync("goodbye"u8.ToArray()).AsTask();

        await _request.Aborted.Task.WaitAsync(Patience.Default);
        _stream.Fail();
        Assert.True((await goodbye.WaitAsync(Patience.Default)).IsCompleted);
    }

    [Fact]
    public async Task A_client_that_does_not_read_for_long_is_aborted()
    {
        var givenUp = 0;
        var output = new HubOutput(_wire, _format, TimeSpan.FromSeconds(10), _time, () => givenUp++);
        _stream.Stall();
        var flush = output.WriteAsync("x"u8.ToArray()).AsTask();

        await AdvanceUntilAsync(() => givenUp == 1);
        Assert.False(_request.Aborted.Task.IsCompleted);
        await AdvanceUntilAsync(() => _request.Aborted.Task.IsCompleted);

        await _request.Aborted.Task.WaitAsync(Patience.Default);
        _stream.Fail();
        Assert.True((await flush.WaitAsync(Patience.Default)).IsCompleted);
    }

    [Fact]
    public async Task A_large_message_is_one_frame_in_pieces_and_who_takes_them_is_seen_to()
    {
        var message = Enumerable.Range(0, 5 * TurnStream.PieceBytes).Select(i => (byte)i).ToArray();
        _stream.Stall();
        var flush = _output.WriteAsync(message).AsTask();
        Assert.Equal(0, _wire.Taken());
        Assert.Equal(TurnStream.PieceBytes, Assert.Single(_stream.Writes).Length);

        _stream.GoOn();

        Assert.False((await flush.WaitAsync(Patience.Default)).IsCompleted);
        Assert.Equal(message, _stream.Writes.SelectMany(w => w.ToArray()).Skip(10));
        Assert.True(_wire.Taken() >= message.Length);
    }

    [Fact]
    public async Task Another_writers_frame_waits_for_all_pieces_of_a_message()
    {
        var below = await _wire.UpgradeAsync();
        var output = new HubOutput(_wire, _format, SendTimeout, TimeProvider.System);
        _stream.Stall();
        var flush = output.WriteAsync(new byte[4 * TurnStream.PieceBytes]).AsTask();
        var other = below.WriteAsync("other"u8.ToArray()).AsTask();

        _stream.GoOn();

        await Task.WhenAll(flush, other).WaitAsync(Patience.Default);
        Assert.Equal("other", Encoding.UTF8.GetString(_stream.Writes[^1].Span));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task What_an_answer_takes_is_given_back_when_it_is_sent_or_never_will_be(bool isSent)
    {
        using var room = new Room();
        _stream.Stall();
        _output.Write("answer"u8);
        _output.Give(room);
        var flush = _output.FlushAsync().AsTask();
        Assert.False(room.IsGivenBack);

        if (isSent) _stream.GoOn();
        else _stream.Fail();

        await flush.WaitAsync(Patience.Default);
        Assert.True(room.IsGivenBack);
    }

    [Fact]
    public async Task A_client_that_reads_again_in_time_goes_on()
    {
        _stream.Stall();
        var flush = _output.WriteAsync("x"u8.ToArray()).AsTask();

        _stream.GoOn();

        Assert.False((await flush.WaitAsync(Patience.Default)).IsCompleted);
        Assert.False((await _output.WriteAsync("y"u8.ToArray())).IsCompleted);
        Assert.Equal(2, _stream.Writes.Count);
        Assert.False(_request.Aborted.Task.IsCompleted);
    }

    [Fact]
    public async Task The_WebSockets_own_frames_wait_for_their_turn()
    {
        var below = await _wire.UpgradeAsync();
        _stream.Stall();
        var first = below.WriteAsync("first"u8.ToArray()).AsTask();
        var second = below.WriteAsync("second"u8.ToArray()).AsTask();
        Assert.Single(_stream.Writes);

        _stream.GoOn();

        await Task.WhenAll(first, second).WaitAsync(Patience.Default);
        Assert.Equal(["first", "second"], _stream.Writes.Select(w => Encoding.UTF8.GetString(w.Span)));
    }

    [Fact]
    public async Task A_write_that_fails_gives_up_its_turn()
    {
        var below = await _wire.UpgradeAsync();
        _stream.Fail();
        await Assert.ThrowsAsync<IOException>(() => below.WriteAsync("x"u8.ToArray()).AsTask());
        await Assert.ThrowsAsync<IOException>(() => below.WriteAsync("y"u8.ToArray()).AsTask().WaitAsync(Patience.Default));
    }

    private async Task AdvanceUntilAsync(Func<bool> condition)
    {
        using var patience = new CancellationTokenSource(Patience.Default);
        while (!condition())
        {
            _time.Advance(TimeSpan.FromMilliseconds(100));
            patience.Token.ThrowIfCancellationRequested();
            await Task.Yield();
        }
    }

    private sealed class Room : IDisposable
    {
        public bool IsGivenBack { get; private set; }

        public void Dispose() => IsGivenBack = true;
    }

    private sealed class Upgrade(Stream stream) : IHttpUpgradeFeature
    {
        public bool IsUpgradableRequest => true;

        public Task<Stream> UpgradeAsync() => Task.FromResult(stream);
    }

    private sealed class Format : ITransferFormatFeature
    {
        public TransferFormat SupportedFormats => TransferFormat.Text | TransferFormat.Binary;

        public TransferFormat ActiveFormat { get; set; } = TransferFormat.Text;
    }

    private sealed class Request : IHttpRequestLifetimeFeature
    {
        public TaskCompletionSource Aborted { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public CancellationToken RequestAborted { get; set; }

        public void Abort() => Aborted.TrySetResult();
    }

    /// <summary>Notes each write, and can make the next ones wait or fail.</summary>
    private sealed class RecordingStream : MemoryStream
    {
        private TaskCompletionSource? _stall;
        private bool _hasFailed;

        public List<ReadOnlyMemory<byte>> Writes { get; } = [];

        public void Stall() => _stall = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public void GoOn() => Interlocked.Exchange(ref _stall, null)?.SetResult();

        public void Fail()
        {
            _hasFailed = true;
            Interlocked.Exchange(ref _stall, null)?.SetException(new IOException("reset"));
        }

        public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
        {
            if (_hasFailed) return ValueTask.FromException(new IOException("reset"));
            // What is rented is used again; events are not, so that they can be compared by reference.
            var isShared = MemoryMarshal.TryGetArray(buffer, out var array) && array.Count + array.Offset == array.Array!.Length;
            Writes.Add(isShared ? buffer : buffer.ToArray());
            return _stall is { } stall ? new(stall.Task) : ValueTask.CompletedTask;
        }
    }
}
