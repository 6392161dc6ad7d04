using System.Buffers;
using System.Text;
using Collab.AspNetCore.Store;
using Collab.Protocol;
using Microsoft.AspNetCore.SignalR.Protocol;

namespace Collab.AspNetCore.FanOut;

/// <summary>
/// Some events of a run, serialised once for all who get them, and a link to the next frame. A subscriber is a place in this chain: what all have
/// passed is garbage, so nothing is queued for anybody, and how far the slowest may lag bounds what the chain can hold.
/// </summary>
internal sealed class Frame
{
    private static readonly byte[] HubPrefix = Encoding.UTF8.GetBytes($$"""{"type":1,"target":"{{nameof(ICollaborationClient.ReceiveEvents)}}","arguments":[""");

    private readonly Chain _chain;
    private readonly long _endOffset;
    private volatile Frame? _next;

    private Frame(Chain chain, LoggedEvent[] critical, byte[][] ephemeral, bool canBeSkipped, byte[] hubBytes)
    {
        (_chain, Critical, Ephemeral, CanBeSkipped) = (chain, critical, ephemeral, canBeSkipped);
        HubMessage = new(hubBytes, critical.Length + ephemeral.Length);
        _endOffset = chain.Lengthen(hubBytes.Length);
    }

    /// <summary>Critical events, in order.</summary>
    public LoggedEvent[] Critical { get; }

    /// <summary>Ephemeral events, each as JSON.</summary>
    public byte[][] Ephemeral { get; }

    /// <summary>Nothing in it matters to somebody who is behind.</summary>
    public bool CanBeSkipped { get; }

    /// <summary>How many bytes come after this frame, and how far behind somebody is who is here.</summary>
    public long Behind => _chain.Length - _endOffset;

    /// <summary>The frame as a hub message.</summary>
    public FrameMessage HubMessage { get; }

    /// <summary>The frame after this one, once there is one. Set once.</summary>
    public Frame? Next
    {
        get => _next;
        set => _next = value;
    }

    /// <summary>The start of a chain.</summary>
    public static Frame Start() => new(new(), [], [], canBeSkipped: true, []);

    /// <summary>Ephemeral events for one subscriber, outside any chain.</summary>
    public static FrameMessage MessageOf(Guid runId, byte[][] ephemeral) => new(Serialise(runId, [], ephemeral), ephemeral.Length);

    /// <summary>The frame that will follow this one.</summary>
    public Frame Then(Guid runId, LoggedEvent[] critical, byte[][] ephemeral, bool canBeSkipped) =>
        new(_chain, critical, ephemeral, canBeSkipped, Serialise(runId, critical, ephemeral));

    /// <summary>The invocation of <c>ReceiveEvents(runId, events)</c> as SignalR's JSON protocol writes it.</summary>
    private static byte[] Serialise(Guid runId, LoggedEvent[] critical, byte[][] ephemeral)
    {
        var size = HubPrefix.Length + 48 + critical.Sum(e => e.Json.Length + 1) + ephemeral.Sum(e => e.Length + 1);
        var writer = new ArrayBufferWriter<byte>(size);
        writer.Write(HubPrefix);
        writer.Write("\""u8);
        runId.TryFormat(writer.GetSpan(36), out var written, "D");
        writer.Advance(written);
        writer.Write("\",["u8);
        var first = true;
        foreach (var e in critical) Append(writer, e.Json, ref first);
        foreach (var e in ephemeral) Append(writer, e, ref first);
        writer.Write("]]}\u001e"u8);
        return writer.WrittenSpan.ToArray();
    }

    private static void Append(ArrayBufferWriter<byte> writer, byte[] json, ref bool first)
    {
        if (!first) writer.Write(","u8);
        writer.Write(json);
        first = false;
    }

    /// <summary>What the frames of a chain share: how long it is. Only the feed's pump lengthens it.</summary>
    private sealed class Chain
    {
        private long _length;

        public long Length => Volatile.Read(ref _length);

        public long Lengthen(int bytes)
        {
            Volatile.Write(ref _length, _length + bytes);
            return _length;
        }
    }
}

/// <summary>A frame as it goes over the wire, for the hub's protocol to copy.</summary>
internal sealed class FrameMessage(byte[] bytes, int events) : HubMessage
{
    /// <summary>How many events are in it.</summary>
    public int Events => events;

    /// <summary>
    /// Copies the frame in one piece. SignalR's own way with serialised messages cuts it into pages of 4 KiB, and its WebSocket
    /// transport sends each page as a frame of its own: seven system calls where one will do.
    /// </summary>
    public void CopyTo(IBufferWriter<byte> output)
    {
        bytes.CopyTo(output.GetSpan(bytes.Length));
        output.Advance(bytes.Length);
    }
}
