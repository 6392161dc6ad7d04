using System.Net.WebSockets;
using System.Text;
using Collab.Client;
using Collab.Protocol;
using Collab.TestKit;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Xunit;

namespace Collab.ClientTests.RealServer;

/// <summary>What SignalR's client tells of a close message, over a real WebSocket.</summary>
public sealed class CloseMessageTests
{
    private const string HandshakeAnswer = "{}\u001e";

    [Theory]
    [InlineData(""","allowReconnect":true""", true)]
    [InlineData(""","allowReconnect":false""", false)]
    [InlineData("", false)]
    public async Task It_says_why_and_whether_to_come_back(string flag, bool mayComeBack)
    {
        var message = $$"""{"type":7,"error":"[revoked] The right to read was taken away."{{flag}}}""" + "\u001e";
        await using var server = await StartAsync(message);
        await using var client = new CollabClient(new CollabClientOptions { BaseAddress = new Uri(server.Urls.Single()), Backoff = _ => TimeSpan.FromHours(1) });
        await using var run = client.Open(Guid.NewGuid());

        var now = await run.WaitForAsync(s => s.Reason is not null).WaitAsync(Patience.Default);

        Assert.Equal((EndingCode.Revoked, "The right to read was taken away."), (now.Reason!.Code, now.Reason.Message));
        Assert.Equal(mayComeBack, now.Connection is ConnectionState.Reconnecting);
        Assert.Equal(!mayComeBack, now.Connection is ConnectionState.Closed { Error.Code: CollabErrorCode.Forbidden });
    }

    /// <summary>Which of the two is heard of first is a matter of luck.</summary>
    [Fact]
    public async Task A_call_that_fails_since_the_server_has_closed_says_why_it_did()
    {
        await using var server = await StartAsync("""{"type":7,"error":"[revoked] No more."}""" + "\u001e");
        var closed = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var hub = new SignalRHub(
            new Uri(new Uri(server.Urls.Single()), "/hubs/collaboration"), token: null, new(), new((_, _) => { }, (_, _) => { }, (_, _) => closed.SetResult()));
        await hub.OpenAsync(CancellationToken.None);
        await closed.Task.WaitAsync(Patience.Default);

        var failure = await Assert.ThrowsAsync<NoAnswerException>(() => hub.JoinAsync(Guid.NewGuid(), null));

        Assert.Equal(EndingCode.Revoked, Assert.IsType<EndedByServerException>(failure.InnerException).Code);
    }

    [Fact]
    public async Task Cookies_go_with_the_WebSocket_and_no_token_does()
    {
        var seen = new TaskCompletionSource<(string? Session, int Tokens)>(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var server = await StartAsync("{\"type\":7}\u001e", request => seen.TrySetResult((request.Cookies["session"], request.Headers.Authorization.Count)));
        var address = new Uri(server.Urls.Single());
        var options = new CollabClientOptions { BaseAddress = address, Cookies = new() };
        options.Cookies.Add(address, new System.Net.Cookie("session", "of-ana"));
        await using var client = new CollabClient(options);
        await using var run = client.Open(Guid.NewGuid());

        Assert.Equal(("of-ana", 0), await seen.Task.WaitAsync(Patience.Default));
    }

    /// <summary>A hub that agrees to all handshakes, and then says one thing.</summary>
    private static async Task<WebApplication> StartAsync(string message, Action<HttpRequest>? seen = null)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        var server = builder.Build();
        server.UseWebSockets();
        server.Map("/hubs/collaboration", async context =>
        {
            seen?.Invoke(context.Request);
            using var socket = await context.WebSockets.AcceptWebSocketAsync();
            await socket.ReceiveAsync(new byte[4096].AsMemory(), context.RequestAborted);
            foreach (var text in new[] { HandshakeAnswer, message })
            {
                await socket.SendAsync(Encoding.UTF8.GetBytes(text).AsMemory(), WebSocketMessageType.Text, endOfMessage: true, context.RequestAborted);
            }
            await socket.CloseAsync(WebSocketCloseStatus.NormalClosure, null, context.RequestAborted);
        });
        await server.StartAsync();
        return server;
    }
}
