using System.Net.Sockets;
using System.Text;
using Collab.TestKit;
using Xunit;

namespace Collab.IntegrationTests.Security;

/// <summary>Bodies that break off, or lie about their length, are their senders' failure and nothing for the log.</summary>
public sealed class BrokenBodyTests(GenerousServer server) : IClassFixture<GenerousServer>
{
    private static readonly string Token = TestTokens.Create("mallory");

    [Theory]
    [InlineData("api/runs/550e8400-e29b-41d4-a716-446655440000/collaboration/events")]
    [InlineData("api/runs/550e8400-e29b-41d4-a716-446655440000/collaboration/events/batch")]
    public async Task A_chunk_with_more_bytes_than_can_be_counted_is_refused(string path)
    {
        using var client = await SendAsync(path, "Content-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\nffffffffffffffff\r\n{}\r\n");
        using var answer = new StreamReader(client.GetStream());

        Assert.Equal("HTTP/1.1 400 Bad Request", await answer.ReadLineAsync().WaitAsync(Patience.Default));
        Assert.Contains("\"invalid_event\"", await answer.ReadToEndAsync().WaitAsync(Patience.Default), StringComparison.Ordinal);
        server.AssertNoComplaint();
    }

    [Fact]
    public async Task A_client_that_goes_in_the_middle_of_a_message_to_the_hub_is_nobodys_failure()
    {
        using var api = server.Api("mallory");
        var negotiated = (await api.SendAsync(HttpMethod.Post, "hubs/collaboration/negotiate?negotiateVersion=1")).Json;
        var hub = $"hubs/collaboration?id={Uri.EscapeDataString(negotiated.GetProperty("connectionToken").GetString()!)}";
        using var events = await SendAsync(hub, "Accept: text/event-stream\r\n\r\n", method: "GET");
        await events.GetStream().ReadExactlyAsync(new byte[16]).AsTask().WaitAsync(Patience.Default);

        using (var gone = await SendAsync(hub, "Content-Length: 100\r\nExpect: 100-continue\r\n\r\n"))
        {
            await gone.GetStream().ReadExactlyAsync(new byte["HTTP/1.1 100 Continue\r\n\r\n".Length]).AsTask().WaitAsync(Patience.Default);
            gone.LingerState = new(enable: true, seconds: 0);
        }

        // The hub has no handshake of it, so nothing else is left than that it ends with its stream.
        events.Dispose();
        await using var other = await server.ConnectAsync("alice");
        await Eventually.TrueAsync(async () => (await api.SendAsync(HttpMethod.Get, hub)).Status == System.Net.HttpStatusCode.NotFound);
        server.AssertNoComplaint();
    }

    private async Task<TcpClient> SendAsync(string path, string rest, string method = "POST")
    {
        var client = new TcpClient();
        await client.ConnectAsync(server.Address.Host, server.Address.Port);
        await client.GetStream().WriteAsync(Encoding.ASCII.GetBytes(
            $"{method} /{path} HTTP/1.1\r\nHost: {server.Address.Authority}\r\nConnection: close\r\nAuthorization: Bearer {Token}\r\n{rest}"));
        return client;
    }
}
