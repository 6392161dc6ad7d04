using System.Net;
using System.Security.Cryptography;
using Collab.Protocol;
using Collab.TestKit;
using Xunit;

namespace Collab.IntegrationTests.Security;

/// <summary>Tokens of the configured OIDC authority open the server, and nothing else does (P7).</summary>
public sealed class OidcAuthorityTests
{
    [Fact]
    public async Task Only_tokens_of_the_authority_for_this_audience_work()
    {
        await using var authority = await OidcAuthority.StartAsync();
        using var strangersKey = RSA.Create(2048);
        await using var server = await ServerProcess.StartAsync(new()
        {
            Configuration = new Dictionary<string, string?>
            {
                ["Collab:Auth:SigningKey"] = null,
                ["Collab:Auth:Authority"] = authority.Issuer,
                ["Collab:Auth:Audience"] = "collab",
            },
        });
        var run = Guid.NewGuid();

        await using var hub = await HubClient.ConnectAsync(server.BaseAddress, authority.Token("alice"));
        Assert.Equal(1, (await hub.GraftAsync(run)).SequenceNumber);
        using var api = new ApiClient(server.BaseAddress, authority.Token("alice"));
        Assert.Equal("alice", Assert.Single((await api.ReplayAsync(run)).Value.Events).UserId);

        foreach (var bad in (string[])
        [
            authority.Token("mallory", key: strangersKey),
            authority.Token("mallory", audience: "somebody-else"),
            authority.Token("mallory", issuer: "https://issuer.example"),
            authority.TokenSignedWithThePublicKey("mallory"),
            TestTokens.Create("mallory"),
            TestTokens.WithoutSignature("mallory"),
        ])
        {
            RawHttp.AssertRefused(CollabErrorCode.Unauthorized, await RawHttp.SendAsync(server.BaseAddress, HttpMethod.Get, "api/runs", bad));
            var error = await Assert.ThrowsAsync<HttpRequestException>(() => HubClient.ConnectAsync(server.BaseAddress, bad));
            Assert.Equal(HttpStatusCode.Unauthorized, error.StatusCode);
        }
    }

    [Fact]
    public async Task With_a_signing_key_the_audience_is_checked_if_one_is_configured()
    {
        await using var server = await ServerProcess.StartAsync(new()
        {
            Configuration = new Dictionary<string, string?> { ["Collab:Auth:Audience"] = "collab" },
        });

        RawHttp.AssertRefused(
            CollabErrorCode.Unauthorized, await RawHttp.SendAsync(server.BaseAddress, HttpMethod.Get, "api/runs", TestTokens.Create("alice")));
    }
}
