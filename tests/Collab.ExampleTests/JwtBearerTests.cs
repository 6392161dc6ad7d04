using System.Net;
using System.Text.RegularExpressions;
using Collab.Protocol;
using Collab.TestKit;
using Xunit;

namespace Collab.ExampleTests;

/// <summary>The application with bearer tokens of its own: each scheme takes its own tokens, and no others.</summary>
public sealed partial class JwtBearerTests : IAsyncLifetime
{
    private readonly Example _example = new("jwt-bearer");
    private ServerProcess? _server;

    private Uri Address => _server!.BaseAddress;

    public async Task InitializeAsync() => _server = await _example.StartAsync();

    public async Task DisposeAsync() => await _server!.DisposeAsync();

    [Fact]
    public async Task What_the_page_tells_to_type_publishes_under_the_name_that_the_application_knows()
    {
        await using var shell = _example.Type(1, Address);

        await shell.WaitForLineAsync(ByName());
        Assert.Equal(0, await shell.Exited.WaitAsync(Patience.Process));
    }

    [Fact]
    public async Task A_token_for_a_run_joins_it_grafts_and_opens_nothing_else()
    {
        using var ana = new ApiClient(Address, await LoginAsync("ana"));
        using var ben = new ApiClient(Address, await LoginAsync("ben"));
        using var eve = new ApiClient(Address, await LoginAsync("eve"));
        var run = (await ana.SendAsync(HttpMethod.Post, "runs", new { with = new[] { "ben" } })).Json.GetProperty("id").GetGuid();

        var token = await TokenAsync(ana, run);
        await using var hub = await HubClient.ConnectAsync(Address, token);
        await hub.JoinAsync(run);
        await using var other = await HubClient.ConnectAsync(Address, await TokenAsync(ben, run));
        await other.JoinAsync(run);
        await hub.GraftAsync(run);
        Assert.Contains(await other.WaitForSequenceAsync(run, 1), e => e is { EventType: "GRAFT", UserId: "ana", UserName: "Ana Lima" });

        Assert.Equal(CollabErrorCode.Forbidden, await HubClient.RefusalOf(hub.JoinAsync(Guid.NewGuid())));
        Assert.Equal(HttpStatusCode.Forbidden, (await eve.SendAsync(HttpMethod.Post, $"runs/{run}/token")).Status);
        using var withRunToken = new ApiClient(Address, token);
        Assert.Equal(HttpStatusCode.Unauthorized, (await withRunToken.GetAsync("me")).Status);
        Assert.Equal("Ana Lima", (await ana.GetAsync("me")).Body);
        Assert.Equal(HttpStatusCode.Unauthorized, (await ana.PollAsync(run)).Status);
    }

    private async Task<string> LoginAsync(string user)
    {
        using var nobody = new ApiClient(Address, token: null);
        Assert.Equal(HttpStatusCode.Unauthorized, (await nobody.SendAsync(HttpMethod.Post, "login", new { user, password = "wrong" })).Status);
        return (await nobody.SendAsync(HttpMethod.Post, "login", new { user, password = "example" })).Json.GetProperty("value").GetString()!;
    }

    private static async Task<string> TokenAsync(ApiClient by, Guid run) =>
        (await by.SendAsync(HttpMethod.Post, $"runs/{run}/token")).Json.GetProperty("value").GetString()!;

    [GeneratedRegex("\"userName\":\"Ana Lima\"", RegexOptions.None, matchTimeoutMilliseconds: 1000)]
    private static partial Regex ByName();
}
