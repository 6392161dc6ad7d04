using Collab.AspNetCore;
using Collab.AspNetCore.Cluster;
using Collab.UnitTests.Kit;
using Microsoft.Extensions.Logging.Abstractions;
using Xunit;

namespace Collab.UnitTests.Cluster;

/// <summary>What this server believes it hears of, it hears of.</summary>
public sealed class SubscriptionsTests
{
    [Fact]
    public async Task A_run_that_begins_again_while_it_ends_is_not_taken_for_one_that_is_heard_of()
    {
        var time = new ManualTime();
        var coverage = new Coverage(new Members(time), time);
        coverage.Connected();
        var bus = new EndingBus();
        var subscriptions = new Subscriptions(bus, coverage, time, NullLogger<Subscriptions>.Instance);
        await subscriptions.BeginAsync(Some.Run);
        Assert.True(coverage.IsSubscribed(Some.Run) && bus.HasSubscribed);

        bus.Ending = () => subscriptions.BeginAsync(Some.Run).AsTask().Wait();
        subscriptions.End(Some.Run);
        Assert.Equal(bus.HasSubscribed, coverage.IsSubscribed(Some.Run));

        // As the service does every second.
        await subscriptions.BeginAsync(Some.Run);
        Assert.True(coverage.IsSubscribed(Some.Run) && bus.HasSubscribed);
    }

    /// <summary>Two want it at once, the join that begins and the service that looks every second; the slower one is told after the run has ended.</summary>
    [Fact]
    public async Task An_answer_that_comes_after_the_end_is_not_believed()
    {
        var time = new ManualTime();
        var coverage = new Coverage(new Members(time), time);
        coverage.Connected();
        var slow = new TaskCompletionSource();
        var bus = new EndingBus { Subscribing = () => slow.Task };
        var subscriptions = new Subscriptions(bus, coverage, time, NullLogger<Subscriptions>.Instance);
        var late = subscriptions.BeginAsync(Some.Run).AsTask();
        bus.Subscribing = () => Task.CompletedTask;
        await subscriptions.BeginAsync(Some.Run);

        subscriptions.End(Some.Run);
        slow.SetResult();
        await late;
        Assert.Equal(bus.HasSubscribed, coverage.IsSubscribed(Some.Run));

        await subscriptions.BeginAsync(Some.Run);
        Assert.True(coverage.IsSubscribed(Some.Run) && bus.HasSubscribed);
    }

    /// <summary>One run's subscription, and what happens while it ends.</summary>
    private sealed class EndingBus : ICollabBus
    {
        public bool HasSubscribed { get; private set; }

        public Action Ending { get; set; } = () => { };

        /// <summary>What is waited for until the subscription is confirmed.</summary>
        public Func<Task> Subscribing { get; set; } = () => Task.CompletedTask;

        public string Name => "ending";

        public int MaxMessageBytes => 5_000;

        public Task RunAsync(ICollabBusReceiver receiver, CancellationToken stopping) => Task.CompletedTask;

        public bool TryPublish(Guid? runId, ReadOnlyMemory<byte> message) => true;

        public ValueTask SubscribeAsync(Guid runId, CancellationToken cancellationToken)
        {
            HasSubscribed = true;
            return new(Subscribing());
        }

        public void Unsubscribe(Guid runId)
        {
            Ending();
            HasSubscribed = false;
        }

        public ValueTask DisposeAsync() => default;
    }
}
