using System.Threading.Tasks.Sources;
using Collab.AspNetCore.Hub;
using Collab.TestKit;
using Xunit;

namespace Collab.UnitTests.Hub;

/// <summary>A turn is given back whatever becomes of a write, and the wait for one ends with the connection.</summary>
public sealed class TurnStreamTests : IDisposable
{
    private readonly ScriptedStream _below = new();
    private readonly CancellationTokenSource _aborted = new();
    private readonly TurnStream _stream;

    public TurnStreamTests() => _stream = new(_below, _below, _aborted.Token);

    public void Dispose()
    {
        _stream.Dispose();
        _aborted.Dispose();
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public async Task A_write_that_ends_between_two_looks_gives_its_turn_back(int looks)
    {
        _below.Next = () => new(new EndsAfterLooks(looks), 0);
        await WriteAsync();

        _below.Next = () => ValueTask.CompletedTask;
        await WriteAsync();
    }

    [Fact]
    public async Task A_write_that_throws_at_once_gives_its_turn_back()
    {
        _below.Next = () => throw new IOException("reset");
        await Assert.ThrowsAsync<IOException>(WriteAsync);
        await Assert.ThrowsAsync<IOException>(WriteAsync);

        _below.Next = () => ValueTask.CompletedTask;
        await WriteAsync();
    }

    [Fact]
    public async Task A_write_that_waited_for_its_turn_and_throws_gives_it_back()
    {
        var first = new TaskCompletionSource();
        _below.Next = () => new(first.Task);
        var writing = WriteAsync();
        var waiting = WriteAsync();
        _below.Next = () => throw new IOException("reset");
        first.SetResult();
        await writing;
        await Assert.ThrowsAsync<IOException>(() => waiting);

        _below.Next = () => ValueTask.CompletedTask;
        await WriteAsync();
    }

    [Fact]
    public async Task A_flush_that_throws_at_once_gives_its_turn_back()
    {
        _below.Next = () => throw new IOException("reset");
        await Assert.ThrowsAsync<IOException>(() => _stream.FlushAsync().WaitAsync(Patience.Default));

        _below.Next = () => ValueTask.CompletedTask;
        await WriteAsync();
    }

    [Fact]
    public async Task An_abort_ends_the_wait_for_a_turn()
    {
        _below.Next = () => new(new TaskCompletionSource().Task);
        _ = _stream.WriteAsync(new byte[1]).AsTask();
        var writing = WriteAsync();
        var flushing = _stream.FlushAsync().WaitAsync(Patience.Default);
        Assert.False(writing.IsCompleted);

        await _aborted.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => writing);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => flushing);
    }

    private Task WriteAsync() => _stream.WriteAsync(new byte[1]).AsTask().WaitAsync(Patience.Default);

    /// <summary>What comes of a write or a flush is said before it.</summary>
    private sealed class ScriptedStream : MemoryStream
    {
        public Func<ValueTask> Next { get; set; } = () => ValueTask.CompletedTask;

        public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default) => Next();

        public override Task FlushAsync(CancellationToken cancellationToken) => Next().AsTask();
    }

    /// <summary>Is pending for so many looks, and then has ended.</summary>
    private sealed class EndsAfterLooks(int looks) : IValueTaskSource
    {
        private int _left = looks;

        public ValueTaskSourceStatus GetStatus(short token) => _left-- > 0 ? ValueTaskSourceStatus.Pending : ValueTaskSourceStatus.Succeeded;

        public void OnCompleted(Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags) => continuation(state);

        public void GetResult(short token)
        {
        }
    }
}
