using Collab.TestKit;
using Xunit;

namespace Collab.IntegrationTests.Security;

/// <summary>What a token opened ends when the token does.</summary>
public sealed class TokenExpiryTests(GenerousServer server) : IClassFixture<GenerousServer>
{
    [Fact]
    public async Task A_hub_connection_ends_when_its_token_expires()
    {
        await using var lasting = await server.ConnectAsync("alice");
        await using var brief = await HubClient.ConnectAsync(server.Address, TestTokens.Create("bob", expires: Soon()));
        var run = Guid.NewGuid();
        await lasting.JoinAsync(run);
        await brief.JoinAsync(run);

        await brief.Closed.WaitAsync(Patience.Default);

        await lasting.WaitForAsync(events => events.Any(e => e is { EventType: "USER_LEAVE", UserId: "bob" }));
        Assert.Equal(1, (await lasting.GraftAsync(run)).SequenceNumber);
    }

    [Fact]
    public async Task A_stream_ends_when_its_token_expires()
    {
        using var api = new ApiClient(server.Address, TestTokens.Create("carol", expires: Soon()));
        using var patience = new CancellationTokenSource(Patience.Default);

        var seen = 0;
        await foreach (var _ in api.StreamAsync(Guid.NewGuid(), cancellationToken: patience.Token)) seen++;

        Assert.True(seen >= 1, "The stream had begun.");
    }

    private static DateTimeOffset Soon() => TimeProvider.System.GetUtcNow().AddSeconds(3);
}
