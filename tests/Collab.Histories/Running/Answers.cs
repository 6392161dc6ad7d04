using System.Text.Json;
using Collab.Histories.Recording;

namespace Collab.Histories.Running;

/// <summary>What answers and failures say.</summary>
internal static class Answers
{
    public static Told[] ToldOf(JsonElement answer, Sent[] events)
    {
        if (answer.ValueKind != JsonValueKind.Array) return [Acknowledged(answer)];
        return [.. answer.EnumerateArray().Zip(events, (one, sent) => one.TryGetProperty("ack", out var ack) && ack.ValueKind == JsonValueKind.Object
            ? Acknowledged(ack)
            : new Told(sent.MessageId, null, Duplicate: false, one.GetProperty("error").GetProperty("code").GetString()))];

        static Told Acknowledged(JsonElement ack) => new(
            ack.GetProperty("messageId").GetGuid(), ack.GetProperty("sequenceNumber").GetInt64(), ack.GetProperty("duplicate").GetBoolean());
    }

    public static Told[] Refused(Sent[] events, string code) => [.. events.Select(e => new Told(e.MessageId, null, Duplicate: false, code))];

    public static bool IsOfTheNetwork(Exception e) =>
        e is HttpRequestException or IOException or OperationCanceledException or TimeoutException or InvalidOperationException or JsonException
            or System.Net.Sockets.SocketException or System.Net.WebSockets.WebSocketException or ObjectDisposedException;
}
