using Collab.Protocol;
using Collab.TestKit;
using Xunit;

namespace Collab.IntegrationTests.Security;

/// <summary>Identity providers give users ids of any kind; an administrator can end the connections of each, and of nobody else.</summary>
public sealed class OddUserIdTests(GenerousServer server) : IClassFixture<GenerousServer>
{
    private static readonly string[] Ids =
        ["a/b", "a%2Fb", "a%252Fb", "a", "b", "/", "a//b", "DOMAIN\\user", "https://id.example/u?x=1#2", "100%", "auth0|1", "über uns", "a+b", "a b", "x;y=1,z"];

    [Theory]
    [InlineData(257)]
    [InlineData(20_000)]
    public async Task An_id_that_nobody_can_have_is_refused(int length)
    {
        using var admin = server.AdminApi();

        RawHttp.AssertRefused(
            CollabErrorCode.InvalidEvent, await admin.SendAsync(HttpMethod.Delete, $"api/admin/websocket/users/{new string('x', length)}"));
    }

    [Fact]
    public async Task Any_user_can_be_sent_away_by_id()
    {
        using var admin = server.AdminApi();
        var clients = new List<HubClient>();
        foreach (var id in Ids) clients.Add(await server.ConnectAsync(id));

        foreach (var id in Ids)
        {
            var answer = await admin.SendAsync(HttpMethod.Delete, $"api/admin/websocket/users/{Uri.EscapeDataString(id)}?local=false");
            Assert.True(new ApiResponse<UserDisconnected>(answer).Value.Ended == 1, $"{id}: {answer.Body}");
        }

        foreach (var client in clients)
        {
            Assert.Contains("[kicked] ", (await client.Closed.WaitAsync(Patience.Default))!.Message, StringComparison.Ordinal);
            await client.DisposeAsync();
        }
    }
}
