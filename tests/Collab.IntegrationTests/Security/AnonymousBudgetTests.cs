using System.Net;
using Collab.Protocol;
using Collab.TestKit;
using Xunit;

namespace Collab.IntegrationTests.Security;

/// <summary>
/// What needs no token has a budget over the server: who asks for documents without pause is refused; probes and the page are slower then, and never refused.
/// </summary>
public sealed class AnonymousBudgetTests(AnonymousBudgetTests.FrugalServer server) : IClassFixture<AnonymousBudgetTests.FrugalServer>
{
    /// <summary>One per second and two at once: so many are too many however slow the machine is.</summary>
    private const int Sent = 400;

    [Fact]
    public async Task Documents_are_refused_past_it()
    {
        using var api = new ApiClient(server.Address, token: null);

        var answers = await AskAsync(api, "openapi/v1.json");

        var refused = answers.Where(a => a.Status != HttpStatusCode.OK).ToArray();
        Assert.InRange(refused.Length, 1, Sent - 2);
        Assert.All(refused, a => RawHttp.AssertRefused(CollabErrorCode.RateLimited, a));
        Assert.All(refused, a => Assert.True(a.Headers.RetryAfter?.Delta >= TimeSpan.FromSeconds(1)));
        server.AssertNoComplaint();
    }

    [Theory]
    [InlineData("health/live")]
    [InlineData("health/ready")]
    [InlineData("api/health/websocket")]
    [InlineData("metrics")]
    [InlineData("")]
    public async Task Probes_and_the_page_are_answered_all_the_same(string path)
    {
        using var api = new ApiClient(server.Address, token: null);

        var answers = await AskAsync(api, path);

        Assert.All(answers, a => Assert.Equal(HttpStatusCode.OK, a.Status));
        server.AssertNoComplaint();
    }

    [Fact]
    public async Task Users_do_not_notice()
    {
        using var greedy = new ApiClient(server.Address, token: null);
        using var user = server.Api("alice");
        var run = Guid.NewGuid();

        var greed = AskAsync(greedy, "openapi/v1.json");

        for (var i = 1; i <= 20; i++) Assert.Equal(i, (await user.PublishAsync(run, EventTypes.Flag, new { stepId = "PM" })).Value.SequenceNumber);
        await greed;
    }

    private static Task<ApiResponse[]> AskAsync(ApiClient api, string path) => Task.WhenAll(Enumerable.Range(0, Sent).Select(_ => api.GetAsync(path)));

    /// <summary>One document per second.</summary>
    public sealed class FrugalServer : GenerousServer
    {
        protected override IEnumerable<KeyValuePair<string, string?>> More => [KeyValuePair.Create("Collab:Limits:AnonymousPerSecond", (string?)"1")];
    }
}
