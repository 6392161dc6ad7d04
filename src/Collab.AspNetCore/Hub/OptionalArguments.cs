using System.Buffers;
using System.Diagnostics.CodeAnalysis;
using System.Text.Json;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.SignalR;
using Microsoft.AspNetCore.SignalR.Protocol;

namespace Collab.AspNetCore.Hub;

/// <summary>
/// SignalR's JSON protocol, with an argument that a call may leave out. SignalR matches arguments by count, and <c>Ping</c> has one more
/// than it had: a client that knows nothing of it is called as if it had said null.
/// </summary>
internal sealed class OptionalArguments(IHubProtocol json) : IHubProtocol
{
    /// <summary>A message is read by one thread, and most messages are no pings: none has an object of its own for this.</summary>
    [ThreadStatic]
    private static CountingBinder? _threadBinder;

    public string Name => json.Name;

    public int Version => json.Version;

    public TransferFormat TransferFormat => json.TransferFormat;

    public bool IsVersionSupported(int version) => json.IsVersionSupported(version);

    public ReadOnlyMemory<byte> GetMessageBytes(HubMessage message) => json.GetMessageBytes(message);

    public void WriteMessage(HubMessage message, IBufferWriter<byte> output) => json.WriteMessage(message, output);

    public bool TryParseMessage(ref ReadOnlySequence<byte> input, IInvocationBinder binder, [NotNullWhen(true)] out HubMessage? message)
    {
        var counting = _threadBinder ??= new();
        counting.Begin(binder, input);
        try
        {
            if (!json.TryParseMessage(ref input, counting, out message)) return false;
            if (counting.LeftOut && message is InvocationMessage call)
                message = WithNull(call);
            return true;
        }
        finally
        {
            counting.End();
        }
    }

    /// <summary>The call with all that it has: streams, which no method takes, are refused behind this.</summary>
    private static InvocationMessage WithNull(InvocationMessage call) =>
        new(call.InvocationId, call.Target, [.. call.Arguments, null], call.StreamIds) { Headers = call.Headers };

    /// <summary>Asks the hub for a method's parameters, and for a ping leaves the last one out if the call does.</summary>
    private sealed class CountingBinder : IInvocationBinder
    {
        private static readonly Type[] OfShortPing = [typeof(double), typeof(double?)];
        private IInvocationBinder? _hub;
        private ReadOnlySequence<byte> _message;

        public bool LeftOut { get; private set; }

        private IInvocationBinder Hub => _hub ?? throw new InvalidOperationException("No message is being read.");

        public void Begin(IInvocationBinder hub, ReadOnlySequence<byte> message) => (_hub, _message, LeftOut) = (hub, message, false);

        public void End() => (_hub, _message) = (null, default);

        public IReadOnlyList<Type> GetParameterTypes(string methodName)
        {
            var types = Hub.GetParameterTypes(methodName);
            if (types.Count != OfShortPing.Length + 1 || types[^1] != typeof(SeenReport)) return types;
            LeftOut = CountArguments(_message) == OfShortPing.Length;
            return LeftOut ? OfShortPing : types;
        }

        public Type GetReturnType(string invocationId) => Hub.GetReturnType(invocationId);

        public Type GetStreamItemType(string streamId) => Hub.GetStreamItemType(streamId);

        public string? GetTarget(ReadOnlySpan<byte> utf8Bytes) => Hub.GetTarget(utf8Bytes);

        /// <summary>How many arguments the first message has; 0: none can be seen.</summary>
        private static int CountArguments(ReadOnlySequence<byte> input)
        {
            if (input.PositionOf((byte)0x1e) is not { } end) return 0;
            var reader = new Utf8JsonReader(input.Slice(0, end));
            try
            {
                while (reader.Read())
                {
                    if (reader.TokenType != JsonTokenType.PropertyName || reader.CurrentDepth != 1) continue;
                    if (reader.ValueTextEquals("arguments"u8) && reader.Read() && reader.TokenType == JsonTokenType.StartArray)
                        return CountElements(ref reader);
                    reader.Skip();
                }
            }
            catch (JsonException)
            {
                // SignalR reads the same, and says what is wrong with it.
            }
            return 0;
        }

        private static int CountElements(ref Utf8JsonReader reader)
        {
            var count = 0;
            while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
            {
                reader.Skip();
                count++;
            }
            return count;
        }
    }
}
