using Collab.AspNetCore.Store;
using Collab.TestKit;
using Collab.UnitTests.Kit;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Xunit;

namespace Collab.UnitTests.Store;

/// <summary>Readiness is anybody's question, so the store is asked once a second at most.</summary>
public sealed class StoreHealthCheckTests : IAsyncDisposable
{
    private readonly ManualTime _time = new();
    private readonly CheckedStore _store = new();

    public ValueTask DisposeAsync() => _store.DisposeAsync();

    [Fact]
    public async Task An_answer_holds_for_a_second()
    {
        var check = new StoreHealthCheck(_store, _time);
        for (var n = 0; n < 100; n++) Assert.Equal(HealthStatus.Healthy, (await AskAsync(check)).Status);
        Assert.Equal(1, _store.Checks);

        _store.Fails = true;
        Assert.Equal(HealthStatus.Healthy, (await AskAsync(check)).Status);
        _time.Advance(TimeSpan.FromSeconds(1));

        Assert.Equal(HealthStatus.Unhealthy, (await AskAsync(check)).Status);
        Assert.Equal(2, _store.Checks);
    }

    [Fact]
    public async Task Who_comes_while_it_is_asked_waits_for_that_answer()
    {
        var check = new StoreHealthCheck(_store, _time);
        _store.Answers = new(TaskCreationOptions.RunContinuationsAsynchronously);
        var first = AskAsync(check);
        _time.Advance(TimeSpan.FromSeconds(5));
        var others = Enumerable.Range(0, 10).Select(_ => AskAsync(check)).ToArray();

        _store.Answers.SetResult();

        await first.WaitAsync(Patience.Default);
        await Task.WhenAll(others).WaitAsync(Patience.Default);
        Assert.Equal(1, _store.Checks);
    }

    private static Task<HealthCheckResult> AskAsync(StoreHealthCheck check) => check.CheckHealthAsync(new());

    private sealed class CheckedStore : EmptyStore
    {
        private int _checks;

        public int Checks => _checks;

        public bool Fails { get; set; }

        public TaskCompletionSource? Answers { get; set; }

        public override async ValueTask CheckAsync(CancellationToken cancellationToken)
        {
            Interlocked.Increment(ref _checks);
            if (Answers is { } answers) await answers.Task;
            if (Fails) throw new StoreException(StoreFailure.Unavailable, new TimeoutException("away"));
        }
    }
}
