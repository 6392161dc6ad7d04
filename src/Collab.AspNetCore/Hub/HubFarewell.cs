using System.Buffers;
using System.Diagnostics.CodeAnalysis;
using Collab.AspNetCore.Monitoring;
using Collab.AspNetCore.Refusals;
using Collab.Protocol;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.SignalR;
using Microsoft.AspNetCore.SignalR.Protocol;

namespace Collab.AspNetCore.Hub;

/// <summary>
/// The protocol of one connection, which says why the connection ends. SignalR writes a close message as the last thing on every way out,
/// but without a reason, and mostly without leave to come back; a close message of our own before it would be undone by it. So its own is
/// the one that is changed.
/// </summary>
internal sealed class HubFarewell(
    IHubProtocol protocol, ConnectionRecord record, int maxMessageBytes, TimeSpan silence, TimeProvider time, CancellationToken stopping)
    : IHubProtocol
{
    /// <summary>How much earlier than SignalR's timer this clock may be. They are not read at the same moment.</summary>
    private static readonly TimeSpan Slack = TimeSpan.FromSeconds(1);

    private long _heardAt = time.GetTimestamp();
    private bool _isOver;

    public string Name => protocol.Name;

    public int Version => protocol.Version;

    public TransferFormat TransferFormat => protocol.TransferFormat;

    public bool IsVersionSupported(int version) => protocol.IsVersionSupported(version);

    public ReadOnlyMemory<byte> GetMessageBytes(HubMessage message) => protocol.GetMessageBytes(message);

    public bool TryParseMessage(ref ReadOnlySequence<byte> input, IInvocationBinder binder, [NotNullWhen(true)] out HubMessage? message)
    {
        // SignalR shows at most this much of its input: a message that does not end in it is larger than is allowed.
        var isFull = input.Length >= maxMessageBytes;
        try
        {
            if (protocol.TryParseMessage(ref input, binder, out message))
            {
                _heardAt = time.GetTimestamp();
                return true;
            }
            if (!isFull) return false;
            record.End(Ending.Of(EndingCode.Protocol, $"A message may have at most {maxMessageBytes} bytes."));
        }
        catch (Exception e) when (IsNoMessage(e))
        {
            record.End(Ending.Of(EndingCode.Protocol, "What came is not a message of the hub's protocol."));
        }
        // SignalR would log any other exception as an error with its stack, and a hostile client could fill the log.
        throw new OperationCanceledException("The connection has ended.");
    }

    public void WriteMessage(HubMessage message, IBufferWriter<byte> output)
    {
        // SignalR holds the connection's write lock here.
        if (_isOver) return;
        if (message is CloseMessage close)
        {
            _isOver = true;
            message = WithReason(close);
        }
        protocol.WriteMessage(message, output);
    }

    /// <summary>
    /// SignalR believes that a message's type has 32 bits, that the ids of streams are texts, and that an item's id is there, and one of
    /// a stream; the reader of JSON fails on the beginning of a literal where a buffer ends and only an empty one follows.
    /// </summary>
    internal static bool IsNoMessage(Exception e) => e is InvalidDataException or FormatException or InvalidOperationException
        or KeyNotFoundException or ArgumentNullException or IndexOutOfRangeException;

    private CloseMessage WithReason(CloseMessage close)
    {
        if (record.Ending is null)
        {
            if (stopping.IsCancellationRequested) record.End(Ending.Shutdown);
            else if (close is { Error: not null, AllowReconnect: true } && time.GetElapsedTime(_heardAt) > silence - Slack)
                record.End(Ending.Idle);
        }
        return record.Ending is { } ending ? new(ending.Text, ending.AllowReconnect) : close;
    }
}
