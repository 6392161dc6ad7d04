using System.Text.Json;
using Collab.Protocol;
using Collab.TestKit;
using Xunit;

namespace Collab.IntegrationTests.Hubs;

/// <summary>Whatever ends a connection, the last thing that its client gets is the reason, once, with the right leave to come back.</summary>
public sealed class EndingTests(GenerousServer server) : IClassFixture<GenerousServer>
{
    [Fact]
    public async Task An_administrator_ends_a_connection_and_everybody_is_told_the_same()
    {
        var (run, user) = (Guid.NewGuid(), $"kicked-{Guid.NewGuid():N}");
        using var wire = await JoinAsync(user, run);
        using var admin = server.AdminApi();
        var before = await DisconnectsAsync("kicked");
        var session = Assert.Single((await admin.GetAsync<RunConnections>($"api/admin/websocket/connections/{run}")).Value.Connections).SessionId;

        await admin.SendAsync(HttpMethod.Delete, $"api/admin/websocket/connections/{session}");

        Assert.Empty((await admin.GetAsync<RunConnections>($"api/admin/websocket/connections/{run}")).Value.Connections);
        AssertEnded(await ReadToEndAsync(wire), "kicked", allowReconnect: true);
        var ended = (await admin.GetAsync<ConnectionMetrics>($"api/admin/websocket/metrics/{session}")).Value;
        Assert.Equal(("kicked", ConnectionKind.WebSocket), (ended.Reason, ended.Kind));
        Assert.NotNull(ended.DisconnectedAt);
        await Eventually.TrueAsync(async () => await DisconnectsAsync("kicked") > before);
        await server.Process.Output.WaitForAsync(lines => lines.Any(l => l.Contains($"Connection {session} is ended, kicked: ", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task An_administrator_ends_all_that_a_user_has_open()
    {
        var (run, user) = (Guid.NewGuid(), $"user {Guid.NewGuid():N}");
        using var first = await JoinAsync(user, run);
        using var second = await JoinAsync(user, Guid.NewGuid());
        using var other = await JoinAsync("other", run);
        using var api = server.Api(user);
        await using var stream = api.StreamAsync(run).GetAsyncEnumerator();
        Assert.True(await stream.MoveNextAsync().AsTask().WaitAsync(Patience.Default));
        // The news of who has just come would answer the next poll.
        await api.PollAsync(run, waitSeconds: 1);
        var poll = api.PollAsync(run, waitSeconds: 30);
        using var admin = server.AdminApi();
        await Eventually.TrueAsync(async () => (await KindsAsync(admin, run, user)).Count == 3);
        Assert.Equal([ConnectionKind.WebSocket, ConnectionKind.Stream, ConnectionKind.Poll], (await KindsAsync(admin, run, user)).Order());

        var answer = new ApiResponse<UserDisconnected>(await admin.SendAsync(HttpMethod.Delete, $"api/admin/websocket/users/{Uri.EscapeDataString(user)}"));

        Assert.Equal(4, answer.Value.Ended);
        Assert.Empty(await KindsAsync(admin, run, user));
        AssertEnded(await ReadToEndAsync(first), "kicked", allowReconnect: true);
        AssertEnded(await ReadToEndAsync(second), "kicked", allowReconnect: true);
        var last = stream.Current;
        while (await stream.MoveNextAsync().AsTask().WaitAsync(Patience.Default)) last = stream.Current;
        Assert.Equal("end", last.Type);
        Assert.Equal("kicked", JsonElement.Parse(last.Data).GetProperty("code").GetString());
        Assert.True(JsonElement.Parse(last.Data).GetProperty("allowReconnect").GetBoolean());
        var polled = await poll.WaitAsync(Patience.Default);
        RawHttp.AssertRefused(CollabErrorCode.Forbidden, polled);
        Assert.Equal("kicked", polled.Json.GetProperty("ending").GetString());
        Assert.Equal(1, (await other.CallAsync("Graft", $$"""["{{run}}",{"after":"A","agentName":"x"},null]""")).GetProperty("result").GetProperty("sequenceNumber").GetInt32());
    }

    [Fact]
    public async Task An_erased_run_ends_its_connections_as_replaced()
    {
        var run = Guid.NewGuid();
        using var wire = await JoinAsync("alice", run);
        await wire.CallAsync("Graft", $$"""["{{run}}",{"after":"A","agentName":"x"},null]""");
        using var admin = server.AdminApi();

        await admin.EraseAsync(run);

        AssertEnded(await ReadToEndAsync(wire), "replaced", allowReconnect: true);
    }

    [Theory]
    [InlineData("no JSON at all")]
    [InlineData("[[[[")]
    [InlineData("")]
    public async Task What_is_no_message_ends_the_connection_as_protocol(string sent)
    {
        using var wire = await JoinAsync("mallory", Guid.NewGuid());

        await wire.SendAsync(sent.Length > 0 ? sent : new('x', 70_000));

        AssertEnded(await ReadToEndAsync(wire), "protocol", allowReconnect: false);
        server.AssertNoComplaint();
    }

    [Fact]
    public async Task A_token_that_ends_ends_its_connection_and_its_stream_as_expired()
    {
        var token = TestTokens.Create("brief", expires: TimeProvider.System.GetUtcNow().AddSeconds(3));
        using var wire = await HubWire.ConnectAsync(server.Address, token);
        using var api = new ApiClient(server.Address, token);

        var all = new List<StreamedEvent>();
        await foreach (var e in api.StreamAsync(Guid.NewGuid())) all.Add(e);

        Assert.Equal(("end", "expired"), (all[^1].Type, JsonElement.Parse(all[^1].Data).GetProperty("code").GetString()));
        AssertEnded(await ReadToEndAsync(wire), "expired", allowReconnect: true);
    }

    [Fact]
    public async Task A_server_that_stops_tells_connections_and_streams_and_answers_polls()
    {
        await using var stopping = await ServerProcess.StartAsync(new ServerSettings());
        var run = Guid.NewGuid();
        using var wire = await HubWire.ConnectAsync(stopping.BaseAddress, TestTokens.Create("alice"));
        using var api = new ApiClient(stopping.BaseAddress, TestTokens.Create("alice"));
        await using var stream = api.StreamAsync(run).GetAsyncEnumerator();
        Assert.True(await stream.MoveNextAsync().AsTask().WaitAsync(Patience.Default));
        using var admin = new ApiClient(stopping.BaseAddress, TestTokens.Create("admin", admin: true));
        var poll = api.PollAsync(run, waitSeconds: 30);
        await Eventually.TrueAsync(async () => (await KindsAsync(admin, run, "alice")).Contains(ConnectionKind.Poll));

        var stopped = stopping.StopAsync();

        AssertEnded(await ReadToEndAsync(wire), "shutdown", allowReconnect: true);
        Assert.Equal(System.Net.HttpStatusCode.OK, (await poll.WaitAsync(Patience.Default)).Status);
        var last = stream.Current;
        while (await stream.MoveNextAsync().AsTask().WaitAsync(Patience.Default)) last = stream.Current;
        Assert.Equal("shutdown", JsonElement.Parse(last.Data).GetProperty("code").GetString());
        await stopped;
    }

    private static async Task<List<ConnectionKind>> KindsAsync(ApiClient admin, Guid run, string user) =>
        [.. (await admin.GetAsync<RunConnections>($"api/admin/websocket/connections/{run}")).Value.Connections.Where(c => c.UserId == user).Select(c => c.Kind)];

    private async Task<HubWire> JoinAsync(string user, Guid run)
    {
        var wire = await HubWire.ConnectAsync(server.Address, TestTokens.Create(user));
        await wire.CallAsync("JoinRun", $"""["{run}",null]""");
        return wire;
    }

    private async Task<double> DisconnectsAsync(string reason)
    {
        using var api = new ApiClient(server.Address, token: null);
        return (await api.MetricsAsync())[$$"""collab_disconnects_total{reason="{{reason}}"}"""];
    }

    private static async Task<List<JsonElement>> ReadToEndAsync(HubWire wire)
    {
        var all = new List<JsonElement>();
        while (await wire.NextAsync().WaitAsync(Patience.Default) is { } message) all.Add(message);
        return all;
    }

    private static void AssertEnded(List<JsonElement> messages, string code, bool allowReconnect)
    {
        var close = Assert.Single(messages, m => m.GetProperty("type").GetInt32() == 7);
        Assert.Equal(close.GetRawText(), messages[^1].GetRawText());
        Assert.Equal(code, HubWire.CodeOf(close.GetProperty("error").GetString()!));
        Assert.Equal(allowReconnect, close.TryGetProperty("allowReconnect", out var allowed) && allowed.GetBoolean());
    }
}
