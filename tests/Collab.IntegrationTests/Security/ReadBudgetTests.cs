using System.Net;
using Collab.Protocol;
using Collab.TestKit;
using Xunit;

namespace Collab.IntegrationTests.Security;

/// <summary>Who reads without a pause is told to slow down, and when to come back; others read on.</summary>
public sealed class ReadBudgetTests(ReadBudgetTests.FrugalServer server) : IClassFixture<ReadBudgetTests.FrugalServer>
{
    /// <summary>One per second and twenty at once: so many are too many however slow the machine is.</summary>
    private const int Sent = 400;

    [Theory]
    [InlineData("poll")]
    [InlineData("replay")]
    [InlineData("state?asOfSequence=1")]
    [InlineData(null)]
    public async Task Over_HTTP(string? what)
    {
        var run = Guid.NewGuid();
        await using var publisher = await server.ConnectAsync("alice");
        await publisher.GraftAsync(run);
        var path = what is null ? "api/runs" : $"api/runs/{run}/collaboration/{what}";
        using var greedy = server.Api($"greedy-{what}");

        var answers = await Task.WhenAll(Enumerable.Range(0, Sent).Select(_ => greedy.GetAsync(path)));

        var refused = answers.Where(a => a.Status != HttpStatusCode.OK).ToArray();
        Assert.InRange(refused.Length, 1, Sent - 20);
        Assert.All(refused, a => RawHttp.AssertRefused(CollabErrorCode.RateLimited, a));
        Assert.All(refused, a => Assert.True(a.Headers.RetryAfter?.Delta >= TimeSpan.FromSeconds(1)));
        using var other = server.Api($"other-{what}");
        Assert.Equal(HttpStatusCode.OK, (await other.GetAsync(path)).Status);
        server.AssertNoComplaint();
    }

    [Theory]
    [InlineData("JoinRun")]
    [InlineData("Ping")]
    public async Task Over_the_hub(string method)
    {
        var run = Guid.NewGuid();
        var arguments = method == "Ping" ? "[1,null]" : $"""["{run}",null]""";
        using var greedy = await HubWire.ConnectAsync(server.Address, TestTokens.Create($"greedy-{method}"));

        for (var i = 0; i < Sent; i++) await greedy.BeginCallAsync($"c{i}", method, arguments);
        var codes = new List<string?>();
        for (var i = 0; i < Sent; i++) codes.Add(HubWire.CodeOf(await greedy.NextCompletionAsync()));

        Assert.InRange(codes.Count(code => code is null), 20, Sent - 1);
        Assert.All(codes, code => Assert.True(code is null or "rate_limited"));
        using var other = await HubWire.ConnectAsync(server.Address, TestTokens.Create($"other-{method}"));
        Assert.Null(HubWire.CodeOf(await other.CallAsync(method, arguments)));
        server.AssertNoComplaint();
    }

    /// <summary>One of everything per second.</summary>
    public sealed class FrugalServer : GenerousServer
    {
        protected override IEnumerable<KeyValuePair<string, string?>> More =>
            ((string[])["JoinPerSecond", "PollPerSecond", "ReplayPerSecond", "PastStatePerSecond", "ListPerSecond", "PingPerSecond"])
            .Select(limit => KeyValuePair.Create($"Collab:Limits:{limit}", (string?)"1"));
    }
}
