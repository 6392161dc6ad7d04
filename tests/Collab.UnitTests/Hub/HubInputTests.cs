using System.IO.Pipelines;
using Collab.AspNetCore.Hub;
using Collab.AspNetCore.RunLog;
using Collab.TestKit;
using Microsoft.Extensions.Time.Testing;
using Xunit;

namespace Collab.UnitTests.Hub;

/// <summary>A hub connection is read on when it is its turn, and ends all the same while it waits for that.</summary>
public sealed class HubInputTests
{
    private readonly Backpressure _queue = new(100, new FakeTimeProvider());
    private readonly ConnectionFlow _flow = new();
    private readonly Pipe _pipe = new();
    private readonly HubInput _input;

    public HubInputTests() => _input = new(_pipe.Reader, _flow, _queue);

    [Fact]
    public async Task What_was_sent_is_read_at_once_while_there_is_room()
    {
        _flow.Begin(64);
        await _pipe.Writer.WriteAsync(new byte[3]);

        Assert.Equal(3, (await _input.ReadAsync()).Buffer.Length);
    }

    [Fact]
    public async Task It_is_read_on_when_there_is_room_again()
    {
        var read = await FloodAsync();
        Assert.False(read.IsCompleted);

        _queue.Done(60);

        Assert.Equal(3, (await read.WaitAsync(Patience.Default)).Buffer.Length);
    }

    [Fact]
    public async Task A_read_that_is_cancelled_while_it_waits_ends()
    {
        var read = await FloodAsync();

        _input.CancelPendingRead();

        Assert.True((await read.WaitAsync(Patience.Default)).IsCanceled);
        Assert.Equal(0, _queue.Waiting);
    }

    [Fact]
    public async Task A_connection_that_brings_nothing_when_it_may_keeps_no_place_from_others()
    {
        var read = await FloodAsync(bytes: 0);
        var other = new ConnectionFlow();
        other.Begin(64);
        var next = _queue.Enter(other);

        _queue.Done(60);

        await next.WaitAsync(Patience.Default);
        Assert.False(read.IsCompleted);
    }

    private async Task<Task<ReadResult>> FloodAsync(int bytes = 3)
    {
        _flow.Begin(64);
        _queue.Add(60);
        if (bytes > 0) await _pipe.Writer.WriteAsync(new byte[bytes]);
        return _input.ReadAsync().AsTask();
    }
}
