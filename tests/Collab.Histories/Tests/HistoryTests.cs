using Collab.Histories.Checking;
using Collab.Histories.Recording;
using Collab.Histories.Running;
using Collab.TestKit;
using Xunit;
using Xunit.Abstractions;

namespace Collab.Histories.Tests;

/// <summary>Small histories of real servers, each of another kind and with another fault.</summary>
public sealed class HistoryTests(HistoryTests.OwnPostgres postgres, ITestOutputHelper output) : IClassFixture<HistoryTests.OwnPostgres>
{
    [Theory]
    [InlineData(6)]
    [InlineData(25)]
    [InlineData(8)]
    [InlineData(9)]
    [InlineData(5)]
    [InlineData(2, "trim-2")]
    public async Task A_history_under_faults_keeps_every_promise(int seed, string? kind = null)
    {
        var history = await HistoryRun.RunAsync(Plan.Of(seed, brief: true, kind), postgres.GetAsync);
        var violations = Checker.Check(history);
        output.WriteLine(new Table().Add(history, violations));
        Assert.Empty(violations);
        // It was no history of nothing.
        Assert.Contains(history.Of<Publish>().SelectMany(p => p.Told), told => told.Number is not null);
        Assert.NotEmpty(history.Of<Seen>());
    }

    [Fact]
    public void A_seed_always_gives_the_same_plan()
    {
        Assert.Equal(Text(Plan.Of(7)), Text(Plan.Of(7)));
        Assert.NotEqual(Text(Plan.Of(7)), Text(Plan.Of(13)));

        static string Text(Plan plan) => System.Text.Json.JsonSerializer.Serialize(plan);
    }

    [Fact]
    public void Seeds_bring_each_kind_and_each_fault()
    {
        var plans = Enumerable.Range(0, 120).Select(seed => Plan.Of(seed)).ToArray();
        Assert.Equal(Layout.Usual, plans.Select(p => p.Layout).Distinct());
        Assert.Equal(Enum.GetValues<FaultKind>(), plans.SelectMany(p => p.Faults).Select(f => f.What).Distinct().Order());
        Assert.Equal(Enum.GetValues<Doing>(), plans.SelectMany(p => p.Members).SelectMany(m => m.Steps).Select(s => s.What).Distinct().Order());
    }

    /// <summary>Faults strike it too: it is no other test's.</summary>
    public sealed class OwnPostgres : IAsyncLifetime
    {
        private PrivatePostgres? _server;

        public Task InitializeAsync() => Task.CompletedTask;

        public async Task<PrivatePostgres> GetAsync() => _server ??= await PostgresServer.StartPrivateAsync();

        public async Task DisposeAsync()
        {
            if (_server is not null) await _server.DisposeAsync();
        }
    }
}
