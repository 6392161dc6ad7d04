using Collab.Histories.Checking;
using Collab.Histories.Recording;
using Collab.Histories.Running;
using Xunit;
using Xunit.Abstractions;

namespace Collab.Histories.Tests;

/// <summary>Small histories of real servers, each of another kind and with another fault.</summary>
public sealed class HistoryTests(HistoryTests.OwnStores own, ITestOutputHelper output) : IClassFixture<HistoryTests.OwnStores>
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
        var history = await HistoryRun.RunAsync(Plan.Of(seed, PlanSize.Small, kind), own.Stores);
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
        var usual = Enumerable.Range(0, 120).Select(seed => Plan.Of(seed)).ToArray();
        Assert.Equal(Layout.Usual, usual.Select(p => p.Layout).Distinct());
        Plan[] plans = [.. usual, .. Layout.All.Skip(Layout.Usual.Count).SelectMany(l => Enumerable.Range(0, 10).Select(seed => Plan.Of(seed, kind: l.Kind)))];
        var faults = plans.SelectMany(p => p.Faults).SelectMany(f => f.With is { } other ? (FaultPlan[])[f, other] : [f]);
        Assert.Equal(Enum.GetValues<FaultKind>(), faults.Select(f => f.What).Distinct().Order());
        Assert.Contains(usual.SelectMany(p => p.Faults), f => f.With is not null);
        Assert.All(plans.SelectMany(p => p.Faults).Where(f => f.With is not null), f => Assert.True(f.GoesWith(f.With!)));
        Assert.All(plans.Where(p => p.Layout.Has(Extras.Erases)), p => Assert.Contains(p.Faults, f => FaultKind.Erase == f.What || f.With?.What == FaultKind.Erase));
        Assert.Equal(Enum.GetValues<Doing>(), plans.SelectMany(p => p.Members).SelectMany(m => m.Steps).Select(s => s.What).Distinct().Order());
    }

    /// <summary>Faults strike them too: they are no other test's.</summary>
    public sealed class OwnStores : IAsyncLifetime
    {
        internal Stores Stores { get; } = new();

        public Task InitializeAsync() => Task.CompletedTask;

        public async Task DisposeAsync() => await Stores.DisposeAsync();
    }
}
