using Collab.AspNetCore.Events;

namespace Collab.AspNetCore.FanOut;

/// <summary>
/// Some events of a run, serialised once for all who get them, and a link to the next frame. A subscriber is a place in this chain: what all have
/// passed is garbage, so nothing is queued for anybody, and how far the slowest may lag bounds what the chain can hold.
/// </summary>
internal sealed class Frame
{
    private const int RunIdLength = 36;

    private readonly Chain _chain;
    private readonly long _endOffset;
    private volatile Frame? _next;

    private Frame(Chain chain, LoggedEvent[] critical, byte[][] ephemeral, bool canBeSkipped, FrameMessage hubMessage)
    {
        (_chain, Critical, Ephemeral, CanBeSkipped, HubMessage) = (chain, critical, ephemeral, canBeSkipped, hubMessage);
        _endOffset = chain.Lengthen(hubMessage.Length);
    }

    private static ReadOnlySpan<byte> Start => "{\"type\":1,\"target\":\"ReceiveEvents\",\"arguments\":[\""u8;

    private static ReadOnlySpan<byte> Middle => "\",["u8;

    private static ReadOnlySpan<byte> End => "]]}\u001e"u8;

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
    public static Frame First() => new(new(), [], [], canBeSkipped: true, FrameMessage.Empty);

    /// <summary>Ephemeral events for one subscriber, outside any chain.</summary>
    public static FrameMessage MessageOf(Guid runId, byte[][] ephemeral) => Serialise(runId, [], ephemeral);

    /// <summary>The frame that will follow this one.</summary>
    public Frame Then(Guid runId, LoggedEvent[] critical, byte[][] ephemeral, bool canBeSkipped) =>
        new(_chain, critical, ephemeral, canBeSkipped, Serialise(runId, critical, ephemeral));

    /// <summary>The invocation of <c>ReceiveEvents(runId, events)</c> as SignalR's JSON protocol writes it.</summary>
    private static FrameMessage Serialise(Guid runId, LoggedEvent[] critical, byte[][] ephemeral)
    {
        var commas = Math.Max(0, critical.Length + ephemeral.Length - 1);
        var size = FrameMessage.Room + Start.Length + RunIdLength + Middle.Length + critical.Sum(e => e.Json.Length) + ephemeral.Sum(e => e.Length) + commas + End.Length;
        var bytes = GC.AllocateUninitializedArray<byte>(size);
        var rest = bytes.AsSpan(FrameMessage.Room);
        Append(ref rest, Start);
        runId.TryFormat(rest, out var written);
        rest = rest[written..];
        Append(ref rest, Middle);
        foreach (var e in critical) AppendEvent(ref rest, e.Json);
        foreach (var e in ephemeral) AppendEvent(ref rest, e);
        End.CopyTo(rest);
        return new(bytes, critical.Length + ephemeral.Length);
    }

    private static void Append(ref Span<byte> rest, ReadOnlySpan<byte> bytes)
    {
        bytes.CopyTo(rest);
        rest = rest[bytes.Length..];
    }

    /// <summary>With a comma after it, unless it is the last.</summary>
    private static void AppendEvent(ref Span<byte> rest, byte[] json)
    {
        Append(ref rest, json);
        if (rest.Length > End.Length) Append(ref rest, ","u8);
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
