using System.Net;
using System.Text.Json;
using Collab.Protocol;
using Collab.TestKit;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.SignalR;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Xunit;

namespace Collab.IntegrationTests.TestKit;

/// <summary>The client and its WebSocket transport against a hub that only echoes.</summary>
public sealed class HubClientTests : IAsyncLifetime
{
    private readonly Arrivals<Exception?> _disconnections = new();
    private WebApplication? _server;

    private Uri Address => new(_server!.Urls.Single());

    public async Task InitializeAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.Logging.ClearProviders();
        builder.Services.AddSingleton(_disconnections);
        builder.Services.AddSignalR(o => o.MaximumReceiveMessageSize = null);
        _server = builder.Build();
        _server.Use((context, next) =>
        {
            if (context.Request.Query["access_token"] == "good") return next(context);
            context.Response.StatusCode = StatusCodes.Status401Unauthorized;
            return Task.CompletedTask;
        });
        _server.MapHub<EchoHub>("/hubs/collaboration");
        await _server.StartAsync();
    }

    public async Task DisposeAsync() => await _server!.DisposeAsync();

    [Fact]
    public async Task What_was_sent_at_once_arrives_in_order()
    {
        await using var client = await HubClient.ConnectAsync(Address, "good");
        var run = Guid.NewGuid();

        await Task.WhenAll(Enumerable.Range(1, 500).Select(n => client.InvokeAsync(nameof(EchoHub.Send), run, n)));
        await client.WaitForSequenceAsync(run, 500);

        Assert.Equal(Enumerable.Range(1, 500).Select(n => (long)n), client.SequencesOf(run));
    }

    [Fact]
    public async Task A_message_larger_than_the_pipes_arrives_whole()
    {
        await using var client = await HubClient.ConnectAsync(Address, "good");
        var text = new string('ü', 3_000_000);

        Assert.Equal(text, await client.InvokeAsync<string>(nameof(EchoHub.Echo), text));
    }

    [Fact]
    public async Task A_refusal_has_its_code()
    {
        await using var client = await HubClient.ConnectAsync(Address, "good");

        Assert.Equal(CollabErrorCode.RateLimited, await HubClient.RefusalOf(client.InvokeAsync(nameof(EchoHub.Refuse), "rate_limited")));
    }

    [Fact]
    public async Task A_bad_token_is_refused_with_401()
    {
        var error = await Assert.ThrowsAsync<HttpRequestException>(() => HubClient.ConnectAsync(Address, "bad"));

        Assert.Equal(HttpStatusCode.Unauthorized, error.StatusCode);
    }

    [Fact]
    public async Task Closing_is_an_orderly_end_for_the_server()
    {
        var client = await HubClient.ConnectAsync(Address, "good");
        await client.DisposeAsync();

        Assert.Null(await client.Closed);
        Assert.Equal([null], await _disconnections.WaitForAsync(all => all.Count > 0));
    }

    [Fact]
    public async Task Aborting_ends_the_connection_on_both_sides()
    {
        await using var client = await HubClient.ConnectAsync(Address, "good");
        await client.AbortAsync();

        Assert.True(client.Closed.IsCompletedSuccessfully);
        await _disconnections.WaitForAsync(all => all.Count >= 1);
    }

    [Fact]
    public async Task A_server_that_drops_the_connection_ends_it_with_a_reason()
    {
        await using var client = await HubClient.ConnectAsync(Address, "good");

        await Assert.ThrowsAnyAsync<Exception>(() => client.InvokeAsync(nameof(EchoHub.Drop)));

        Assert.NotNull(await client.Closed.WaitAsync(Patience.Default));
        await Assert.ThrowsAsync<InvalidOperationException>(() => client.WaitForAsync(events => events.Count > 0));
    }

    [Fact]
    public async Task A_raw_socket_reads_what_the_hub_answers()
    {
        using var raw = await RawHubSocket.ConnectAsync(Address, "good");

        await raw.InvokeAsync("7", nameof(EchoHub.Echo), """["hello"]""");

        Assert.Equal("""{"type":3,"invocationId":"7","result":"hello"}""" + RawHubSocket.RecordSeparator, await raw.ReceiveAsync());
    }

    private sealed class EchoHub(Arrivals<Exception?> disconnections) : Hub
    {
        private static readonly JsonElement NoData = JsonElement.Parse("{}");

        public Task Send(Guid runId, long sequence) =>
            Clients.Caller.SendAsync("ReceiveEvents", runId, new[] { Event(runId, sequence) });

        private static CollaborationEvent Event(Guid runId, long sequence) => new(runId, sequence, "ECHO", "", 0, NoData, true, runId);

        public string Echo(string text) => text;

        public void Refuse(string code) => throw new HubException($"[{code}] No.");

        public void Drop() => Context.GetHttpContext()!.Abort();

        public override Task OnDisconnectedAsync(Exception? exception)
        {
            disconnections.Add(exception);
            return Task.CompletedTask;
        }
    }
}
