using System.Text.Json;

namespace Collab.Protocol;

/// <summary>
/// The members of SignalR's messages: JSON has them by name, MessagePack by place (dotnet/aspnetcore,
/// src/SignalR/docs/specs/HubProtocol.md).
/// </summary>
internal static class HubMessageLayout
{
    public const int Invocation = 1, StreamItem = 2, Completion = 3, StreamInvocation = 4, CancelInvocation = 5, Close = 7, Ack = 8,
        Sequence = 9;

    public const int Type = 0, Headers = 1, InvocationId = 2, Target = 3, Arguments = 4, StreamIds = 5, Item = 6, Error = 7,
        AllowReconnect = 8, SequenceId = 9, Result = 10;

    /// <summary>What a completion has after its id: an error, nothing, or a result.</summary>
    public const int HasError = 1, HasNothing = 2, HasResult = 3;

    /// <summary>By the number of the member.</summary>
    public static JsonEncodedText[] Names { get; } =
    [
        .. new[]
        {
            "type", "headers", "invocationId", "target", "arguments", "streamIds", "item", "error", "allowReconnect", "sequenceId",
            "result",
        }.Select(name => JsonEncodedText.Encode(name)),
    ];

    /// <summary>The members of a message in their places, after its type.</summary>
    public static ReadOnlySpan<byte> Of(long type) => type switch
    {
        Invocation or StreamInvocation => [Headers, InvocationId, Target, Arguments, StreamIds],
        StreamItem => [Headers, InvocationId, Item],
        Completion or CancelInvocation => [Headers, InvocationId],
        Close => [Error, AllowReconnect],
        Ack or Sequence => [SequenceId],
        _ => [],
    };
}
