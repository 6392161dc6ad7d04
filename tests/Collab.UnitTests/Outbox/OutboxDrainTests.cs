using Collab.AspNetCore.Outbox;
using Collab.AspNetCore.RunLog;
using Collab.AspNetCore.Store;
using Collab.Storage;
using Collab.TestKit;
using Collab.UnitTests.Kit;
using Microsoft.Extensions.Logging.Abstractions;
using Xunit;

namespace Collab.UnitTests.Outbox;

/// <summary>The loop that moves the outbox, and the store that it has.</summary>
public sealed class OutboxDrainTests
{
    [Fact]
    public async Task Disposed_of_without_being_stopped_it_first_lets_go_of_the_store()
    {
        var store = new ScriptedOutbox();
        var drain = Drain(store);
        await drain.StartAsync(CancellationToken.None);
        await store.Asked.WaitForAsync(all => all.Count >= 1);

        var disposed = drain.DisposeAsync().AsTask();
        Assert.False(disposed.IsCompleted);
        store.Answer.SetResult(false);

        await disposed.WaitAsync(Patience.Default);
        Assert.True(drain.ExecuteTask!.IsCompleted);
    }

    [Fact]
    public async Task It_sees_how_much_is_left_also_while_there_is_always_more()
    {
        var store = new ScriptedOutbox();
        await using var drain = Drain(store);
        store.Answer.SetResult(true);
        await drain.StartAsync(CancellationToken.None);

        await store.Looks.WaitForAsync(all => all.Count >= 2);
    }

    private static OutboxDrain Drain(ScriptedOutbox store)
    {
        // Five seconds pass with every look at the clock.
        var (options, metrics, time) = (Some.Options(), Some.Metrics(), new ManualTime { AutoAdvanceAmount = TimeSpan.FromSeconds(5) });
        var trimmer = new Trimmer(new EmptyStore(), metrics, options, time, NullLogger<Trimmer>.Instance);
        var rules = new OutboxRules(Some.Types(), options);
        return new(store, rules, new OutboxSignal(), [], trimmer, metrics, options, time, NullLogger<OutboxDrain>.Instance);
    }

    /// <summary>An outbox in which something waits or not, as the test says, and nothing of it can be published.</summary>
    private sealed class ScriptedOutbox : IOutboxStore
    {
        public TaskCompletionSource<bool> Answer { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public Arrivals<int> Asked { get; } = new();

        public Arrivals<int> Looks { get; } = new();

        public async ValueTask<bool> HasWaitingAsync(IReadOnlyCollection<Guid> apartFrom, CancellationToken cancellationToken)
        {
            Asked.Add(0);
            // For a loop that never looks up there is an end too, so that the test has one.
            return await Answer.Task && Asked.All.Length < 100;
        }

        public async ValueTask<OutboxPass> DrainAsync(OutboxRequest request, OutboxJudge judge, CancellationToken cancellationToken)
        {
            await Task.Yield();
            return new([], [], [(1, "No.")], [], IsFull: false);
        }

        public ValueTask<OutboxDepth> GetDepthAsync(CancellationToken cancellationToken)
        {
            Looks.Add(0);
            if (Looks.All.Length >= 2) throw new StoreException(StoreFailure.Unavailable, new InvalidOperationException("Away."));
            return ValueTask.FromResult(new OutboxDepth(1, null, 1));
        }

        public ValueTask<IReadOnlyList<OutboxEntry>> ListFailedAsync(int offset, int limit, CancellationToken cancellationToken) =>
            throw new NotSupportedException();

        public ValueTask<bool> RetryAsync(long id, CancellationToken cancellationToken) => throw new NotSupportedException();

        public ValueTask<bool> DropAsync(long id, CancellationToken cancellationToken) => throw new NotSupportedException();

        public ValueTask DisposeAsync() => ValueTask.CompletedTask;
    }
}
