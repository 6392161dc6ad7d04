using System.Text.Json;
using Collab.TestKit;
using MessagePack;
using Microsoft.AspNetCore.Http.Connections;
using Microsoft.AspNetCore.SignalR;
using Microsoft.AspNetCore.SignalR.Client;
using Microsoft.Extensions.DependencyInjection;
using Xunit;

namespace Collab.IntegrationTests.Security;

/// <summary>A way for an event to the server.</summary>
public enum Way
{
    HubBatch,
    HubAtomic,
    MessagePack,
    Http,
    HttpBatch,
    HttpAtomic,
}

/// <summary>A server that takes signed publishes alone, and is about to replace its secret.</summary>
public class SigningServer : GenerousServer
{
    public const string Root = "the secret that is to be used from now on, 32+";
    public const string OldRoot = "the secret that was used until today, and 32+";

    protected override IEnumerable<KeyValuePair<string, string?>> More =>
    [
        new("Collab:Signing:Clients:Required", "true"), new("Collab:Signing:Clients:Secret:0", Root), new("Collab:Signing:Clients:Secret:1", OldRoot),
    ];
}

/// <summary>Sends one event by any way, and tells what became of it in the same words.</summary>
internal static class SignedSending
{
    public static readonly TheoryData<Way> Ways = [.. Enum.GetValues<Way>()];

    public static async Task<Sent> SendAsync(Uri server, Way way, string token, Guid run, object e)
    {
        if (way is Way.Http or Way.HttpBatch or Way.HttpAtomic)
        {
            using var api = new ApiClient(server, token);
            var path = $"api/runs/{run}/collaboration/events{(way == Way.Http ? "" : "/batch")}";
            object body = way == Way.Http ? e : new { events = new[] { e }, atomic = way == Way.HttpAtomic };
            var answer = await api.SendAsync(HttpMethod.Post, path, body);
            if (answer.Code is { } code) RawHttp.AssertRefused(code, answer);
            if ((int)answer.Status >= 400) return Of(answer.Json, code: answer.Json.GetProperty("code").GetString(), message: answer.Json.GetProperty("detail").GetString());
            return way == Way.Http ? new(answer.Json, null, "", null) : OfResult(answer.Json[0]);
        }
        await using var hub = await ConnectAsync(server, token, way == Way.MessagePack);
        var events = new[] { way == Way.MessagePack ? Plain(JsonSerializer.SerializeToElement(e)) : e };
        try
        {
            var results = await hub.InvokeCoreAsync<object?>("PublishBatch", [run.ToString(), events, way == Way.HubAtomic]).WaitAsync(Patience.Default);
            return OfResult(way == Way.MessagePack
                ? JsonElement.Parse(MessagePackSerializer.ConvertToJson(MessagePackSerializer.Serialize(results)))[0]
                : ((JsonElement)results!)[0]);
        }
        catch (HubException refused)
        {
            var at = refused.Message.IndexOf('[', StringComparison.Ordinal);
            var end = refused.Message.IndexOf(']', at);
            return new(default, refused.Message[(at + 1)..end], refused.Message[(end + 2)..], null);
        }
    }

    private static async Task<HubConnection> ConnectAsync(Uri server, string token, bool isPacked)
    {
        var builder = new HubConnectionBuilder()
            .WithUrl(HubClient.HubOf(server), HttpTransportType.WebSockets, http => http.AccessTokenProvider = () => Task.FromResult<string?>(token));
        if (isPacked) builder.AddMessagePackProtocol();
        var hub = builder.Build();
        await hub.StartAsync().WaitAsync(Patience.Default);
        return hub;
    }

    /// <summary>As SignalR's own MessagePack has it.</summary>
    private static object? Plain(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.Object => value.EnumerateObject().ToDictionary(p => p.Name, p => Plain(p.Value)),
        JsonValueKind.Array => value.EnumerateArray().Select(Plain).ToArray(),
        JsonValueKind.String => value.GetString(),
        JsonValueKind.Number => value.TryGetInt64(out var whole) ? (object)whole : value.GetDouble(),
        JsonValueKind.Null => null,
        var kind => kind == JsonValueKind.True,
    };

    private static Sent OfResult(JsonElement result) => result.TryGetProperty("error", out var error)
        ? Of(error, error.GetProperty("code").GetString(), error.GetProperty("message").GetString())
        : new(result.GetProperty("ack"), null, "", null);

    private static Sent Of(JsonElement refusal, string? code, string? message) =>
        new(default, code, message ?? "", refusal.TryGetProperty("serverTimestamp", out var now) ? now.GetInt64() : null);
}

/// <param name="Ack">The acknowledgement.</param>
/// <param name="Code">Why it was refused; null: it was not.</param>
/// <param name="Message">The sentence.</param>
/// <param name="ServerTimestamp">What the server says of its time.</param>
internal sealed record Sent(JsonElement Ack, string? Code, string Message, long? ServerTimestamp)
{
    /// <summary>The event's; null: it has none.</summary>
    public long? Number => Ack.ValueKind == JsonValueKind.Object ? Ack.GetProperty("sequenceNumber").GetInt64() : null;
}
