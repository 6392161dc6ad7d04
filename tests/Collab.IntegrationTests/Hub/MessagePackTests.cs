using System.Buffers;
using System.Text.Json;
using Collab.Client;
using Collab.Protocol;
using Collab.TestKit;
using MessagePack;
using Microsoft.AspNetCore.Http.Connections;
using Microsoft.AspNetCore.SignalR.Client;
using Microsoft.Extensions.DependencyInjection;
using Xunit;

namespace Collab.IntegrationTests.Hubs;

/// <summary>Clients of both protocols in one run see the same events, each once, in order; SignalR's own MessagePack client is one of them.</summary>
public sealed class MessagePackTests(GenerousServer server) : IClassFixture<GenerousServer>
{
    private const string Step = "PM";

    [Fact]
    public async Task Clients_of_both_protocols_see_the_same_events_each_once_and_in_order()
    {
        const int Each = 100;
        var run = Guid.NewGuid();
        await using var json = await server.ConnectAsync("json");
        await using var official = await OfficialClient.ConnectAsync(server.Address, "official");
        await using var client = new CollabClient(new()
        {
            BaseAddress = server.Address,
            Token = _ => new(TestTokens.Create("own")),
            Protocol = HubProtocol.MessagePack,
        });
        await using var own = await client.ConnectAsync(run).WaitAsync(Patience.Default);
        await json.JoinAsync(run);
        await official.CallAsync("JoinRun", run, null);

        var publishing = Enumerable.Range(0, Each).Select(async i =>
        {
            var data = new Dictionary<string, object?>
            {
                ["stepId"] = Step,
                ["note"] = $"note {i} ü \"\n",
                ["list"] = new object[] { i, 0.1, -33, 1L << 40, true, null! },
                ["more"] = new { deep = i },
            };
            await json.PublishAsync(run, "FLAG", data);
            await official.CallAsync("Publish", run, "FLAG", data, null);
            await own.PublishAsync("FLAG", JsonSerializer.SerializeToElement(data));
        });
        await Task.WhenAll(publishing);

        await json.WaitForSequenceAsync(run, 3 * Each);
        await official.WaitForSequenceAsync(3 * Each);
        await own.WaitForAsync(snapshot => snapshot.Events.Count == 3 * Each).WaitAsync(Patience.Default);
        Assert.IsType<ConnectionState.Live>(own.Snapshot.Connection);
        var expected = json.Events.All.Where(e => e.IsCritical).Select(Text).ToArray();
        Assert.Equal(Enumerable.Range(1, 3 * Each).Select(n => (long?)n), json.Events.All.Where(e => e.IsCritical).Select(e => e.SequenceNumber));
        Assert.Equal(expected, official.Critical.Select(Text));
        Assert.Equal(expected, own.Snapshot.Events.Select(Text));
        using var api = server.Api("json");
        Assert.Equal(expected, (await api.ReplayAsync(run, limit: 1000)).Value.Events.Select(Text));
        server.AssertNoComplaint();
    }

    [Fact]
    public async Task Every_method_answers_as_it_does_in_JSON()
    {
        var run = Guid.NewGuid();
        await using var json = await server.ConnectAsync("json");
        await using var packed = await OfficialClient.ConnectAsync(server.Address, "json");
        await json.JoinAsync(run);
        var messageId = Guid.NewGuid();

        var first = await packed.CallAsync("Graft", run, new { after = Step, agentName = "scanner" }, messageId.ToString());
        Assert.Equal(Text(await json.GraftAsync(run, Step, "scanner", messageId)), Text(first).Replace("\"duplicate\":false", "\"duplicate\":true", StringComparison.Ordinal));
        await packed.CallAsync("Prune", run, new { stepId = "SRE", isPruned = true }, null);
        await packed.CallAsync("Flag", run, new { stepId = Step, note = (string?)null }, null);
        var joined = await packed.CallAsync("JoinRun", run, 1);
        Assert.Equal(JsonValueKind.Null, (await packed.CallAsync("MoveCursor", run, "SRE")).GetProperty("sequenceNumber").ValueKind);
        await json.WaitForAsync(events => events.Any(e => e.EventType == EventTypes.CursorMove));
        await packed.WaitForAsync(events => events.Any(e => e.GetProperty("eventType").GetString() == EventTypes.CursorMove));

        Assert.Equal(Text(await json.InvokeAsync<JsonElement>("JoinRun", run, 1), "cursorPositions"), Text(joined, "cursorPositions"));
        var cursor = packed.Events.Last(e => e.GetProperty("eventType").GetString() == EventTypes.CursorMove);
        Assert.False(cursor.TryGetProperty("sequenceNumber", out _));
        Assert.False(cursor.TryGetProperty("userName", out _));
        var pong = await packed.CallAsync("Ping", 123.5, null);
        Assert.Equal(123.5, pong.GetProperty("clientTimestamp").GetDouble());
        Assert.Equal(3, pong.GetProperty("lastSequences").GetProperty(run.ToString()).GetInt64());
        object[] events = [new { eventType = "FLAG", data = new { stepId = Step }, messageId = Guid.NewGuid() }, new { eventType = "NOPE" }];
        var batch = await packed.CallAsync("PublishBatch", run, events, false);
        Assert.Equal(4, batch[0].GetProperty("ack").GetProperty("sequenceNumber").GetInt64());
        Assert.Equal("invalid_event", batch[1].GetProperty("error").GetProperty("code").GetString());
        var again = await json.InvokeAsync<JsonElement>("PublishBatch", run, events, false);
        Assert.Equal(Text(batch).Replace("\"duplicate\":false", "\"duplicate\":true", StringComparison.Ordinal), Text(again));
        await packed.CallAsync("LeaveRun", run);
    }

    [Theory]
    [InlineData(CollabErrorCode.InvalidEvent, "Flag", "no map")]
    [InlineData(CollabErrorCode.InvalidEvent, "Flag", 5)]
    [InlineData(CollabErrorCode.InvalidEvent, "Prune", null)]
    public async Task A_refusal_starts_with_its_code(CollabErrorCode code, string method, object? data)
    {
        await using var packed = await OfficialClient.ConnectAsync(server.Address, "mallory");

        Assert.Equal(code, await HubClient.RefusalOf(packed.CallAsync(method, Guid.NewGuid(), data, null)));
        Assert.Equal(CollabErrorCode.InvalidEvent, await HubClient.RefusalOf(packed.CallAsync(method, Guid.NewGuid())));
    }

    [Fact]
    public async Task What_only_MessagePack_can_say_is_refused_and_the_connection_lives_on()
    {
        var run = Guid.NewGuid();
        await using var packed = await OfficialClient.ConnectAsync(server.Address, "mallory");
        object deep = "end";
        for (var level = 0; level < 200; level++) deep = new Dictionary<string, object> { ["a"] = deep };
        object[] wrong =
        [
            new { stepId = Step, at = DateTime.UtcNow }, new { stepId = Step, raw = new byte[] { 1 } }, new { stepId = Step, n = double.NaN },
            new Dictionary<int, string> { [1] = "a" }, new { stepId = Step, note = "a\u0000" }, new { stepId = Step, deep },
        ];

        foreach (var data in wrong) Assert.Equal(CollabErrorCode.InvalidEvent, await HubClient.RefusalOf(packed.CallAsync("Flag", run, data, null)));
        var large = packed.CallAsync("Flag", run, new { stepId = Step, note = new string('x', 20_000) }, null);
        Assert.Equal(CollabErrorCode.PayloadTooLarge, await HubClient.RefusalOf(large));
        Assert.Equal(1, (await packed.CallAsync("Flag", run, new { stepId = Step }, null)).GetProperty("sequenceNumber").GetInt64());
        server.AssertNoComplaint();
    }

    [Fact]
    public async Task A_call_that_is_larger_than_a_frame_may_be_ends_the_connection()
    {
        await using var packed = await OfficialClient.ConnectAsync(server.Address, "mallory");

        await Assert.ThrowsAnyAsync<Exception>(() => packed.CallAsync("Flag", Guid.NewGuid(), new { stepId = Step, note = new string('x', 70_000) }, null));

        Assert.Contains("[protocol] ", (await packed.Closed)?.Message, StringComparison.Ordinal);
        server.AssertNoComplaint();
    }

    private static string Text<T>(T value) => JsonSerializer.Serialize(value, CollabJson.Default.Options);

    private static string Text(JsonElement value, string without) =>
        string.Join('\n', value.EnumerateObject().Where(p => p.Name != without).Select(p => $"{p.Name}: {p.Value.GetRawText()}"));

    /// <summary>SignalR's client with <c>AddMessagePackProtocol</c> and nothing else; what comes is turned into JSON to be looked at.</summary>
    private sealed class OfficialClient : IAsyncDisposable
    {
        private readonly HubConnection _connection;
        private readonly Arrivals<JsonElement> _events = new();
        private readonly TaskCompletionSource<Exception?> _closed = new(TaskCreationOptions.RunContinuationsAsynchronously);

        private OfficialClient(HubConnection connection)
        {
            _connection = connection;
            connection.On<Guid, object[]>("ReceiveEvents", (_, events) => _events.Add([.. events.Select(Json)]));
            connection.Closed += reason =>
            {
                _closed.TrySetResult(reason);
                return Task.CompletedTask;
            };
        }

        public IReadOnlyList<JsonElement> Events => _events.All;

        public IEnumerable<CollaborationEvent> Critical =>
            Events.Select(e => e.Deserialize(CollabJson.Default.CollaborationEvent)!).Where(e => e.IsCritical);

        public Task<Exception?> Closed => _closed.Task.WaitAsync(Patience.Default);

        public static async Task<OfficialClient> ConnectAsync(Uri server, string user)
        {
            var token = TestTokens.Create(user);
            var builder = new HubConnectionBuilder()
                .WithUrl(HubClient.HubOf(server), HttpTransportType.WebSockets, http => http.AccessTokenProvider = () => Task.FromResult<string?>(token));
            builder.AddMessagePackProtocol();
            var client = new OfficialClient(builder.Build());
            await client._connection.StartAsync().WaitAsync(Patience.Default);
            return client;
        }

        public async Task<JsonElement> CallAsync(string method, params object?[] arguments) =>
            Json(await _connection.InvokeCoreAsync<object?>(method, arguments).WaitAsync(Patience.Default));

        public Task WaitForAsync(Func<IReadOnlyList<JsonElement>, bool> enough) => _events.WaitForAsync(enough);

        public Task WaitForSequenceAsync(long last) =>
            WaitForAsync(all => all.Any(e => e.TryGetProperty("sequenceNumber", out var number) && number.GetInt64() >= last));

        public ValueTask DisposeAsync() => _connection.DisposeAsync();

        private static JsonElement Json(object? value) => JsonElement.Parse(MessagePackSerializer.ConvertToJson(MessagePackSerializer.Serialize(value)));
    }
}
