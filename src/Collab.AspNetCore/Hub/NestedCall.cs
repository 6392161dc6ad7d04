using System.Buffers;
using System.Text.Json;
using Microsoft.AspNetCore.SignalR.Protocol;

namespace Collab.AspNetCore.Hub;

/// <summary>
/// A call that is nested more deeply than SignalR reads. SignalR would end the connection; with its id it can be answered like any other.
/// </summary>
internal static class NestedCall
{
    private const byte RecordSeparator = 0x1e;
    private const int SignalRReadsTo = 64;

    /// <summary>Finds the id and the target of the first message in the input, if that is a call with no fault but its depth.</summary>
    public static bool TryFind(ReadOnlySequence<byte> input, out string? id, out string target)
    {
        (id, target) = (null, "");
        if (input.PositionOf(RecordSeparator) is not { } end) return false;
        var reader = new Utf8JsonReader(input.Slice(0, end), new JsonReaderOptions { MaxDepth = int.MaxValue });
        var (isCall, deepest) = (false, 0);
        try
        {
            while (reader.Read())
            {
                deepest = Math.Max(deepest, reader.CurrentDepth);
                if (reader.TokenType != JsonTokenType.PropertyName || reader.CurrentDepth != 1) continue;
                var name = reader.GetString();
                reader.Read();
                if (name == "type")
                    isCall = reader.TokenType == JsonTokenType.Number && reader.GetInt32() == HubProtocolConstants.InvocationMessageType;
                else if (name == "invocationId") id = reader.GetString();
                else if (name == "target") target = reader.GetString() ?? "";
            }
            return isCall && deepest > SignalRReadsTo;
        }
        catch (Exception e) when (e is JsonException || HubFarewell.IsNoMessage(e))
        {
            return false;
        }
    }
}
