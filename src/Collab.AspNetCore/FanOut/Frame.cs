using Collab.AspNetCore.Events;

namespace Collab.AspNetCore.FanOut;

/// <summary>
/// Some events of a run and a link to the next frame. A subscriber is a place in this chain: what all have passed is garbage, so nothing is queued
/// for anybody, and how far the slowest may lag bounds what the chain can hold. What a transport sends is made when the first subscriber needs it, once
/// for all: runs that only polls and streams follow need no hub message.
/// </summary>
internal sealed class Frame
{
    private const int RunIdLength = 36;

    private readonly Chain _chain;
    private readonly Guid _runId;
    private readonly long _endOffset;
    private volatile Frame? _next;
    private FrameMessage? _hubMessage;

    private Frame(Chain chain, Guid runId, LoggedEvent[] critical, byte[][] ephemeral, bool canBeSkipped, string[] users)
    {
        (_chain, _runId, Critical, Ephemeral, CanBeSkipped, Users) = (chain, runId, critical, ephemeral, canBeSkipped, users);
        Length = MessageLength(critical, ephemeral);
        _endOffset = chain.Lengthen(Length);
    }

    private static ReadOnlySpan<byte> Start => "{\"type\":1,\"target\":\"ReceiveEvents\",\"arguments\":[\""u8;

    private static ReadOnlySpan<byte> Middle => "\",["u8;

    private static ReadOnlySpan<byte> End => "]]}\u001e"u8;

    /// <summary>Critical events, in order.</summary>
    public LoggedEvent[] Critical { get; }

    /// <summary>Ephemeral events, each as JSON.</summary>
    public byte[][] Ephemeral { get; }

    /// <summary>Who comes or goes in it.</summary>
    public string[] Users { get; }

    /// <summary>Nothing in it matters to somebody who is behind.</summary>
    public bool CanBeSkipped { get; }

    /// <summary>How many bytes come after this frame, and how far behind somebody is who is here.</summary>
    public long Behind => _chain.Length - _endOffset;

    /// <summary>How many events are in it.</summary>
    public int Events => Critical.Length + Ephemeral.Length;

    /// <summary>About how long it is, in bytes.</summary>
    public int Length { get; }

    /// <summary>The frame as a hub message.</summary>
    public FrameMessage HubMessage => Volatile.Read(ref _hubMessage) ?? MakeHubMessage();

    /// <summary>The frame after this one, once there is one. Set once.</summary>
    public Frame? Next
    {
        get => _next;
        set => _next = value;
    }

    /// <summary>The start of a chain.</summary>
    public static Frame First() => new(new(), Guid.Empty, [], [], canBeSkipped: true, users: []);

    /// <summary>Critical events outside of any chain.</summary>
    public static Frame Apart(Guid runId, LoggedEvent[] critical) => new(new(), runId, critical, [], canBeSkipped: false, users: []);

    /// <summary>Ephemeral events for one subscriber, outside any chain.</summary>
    public static FrameMessage MessageOf(Guid runId, byte[][] ephemeral) => Serialise(runId, [], ephemeral);

    /// <summary>The frame that will follow this one.</summary>
    public Frame Then(Guid runId, LoggedEvent[] critical, byte[][] ephemeral, bool canBeSkipped, string[] users) =>
        new(_chain, runId, critical, ephemeral, canBeSkipped, users);

    /// <summary>Two subscribers may both be the first; all get one of the two.</summary>
    private FrameMessage MakeHubMessage()
    {
        var made = Serialise(_runId, Critical, Ephemeral);
        return Interlocked.CompareExchange(ref _hubMessage, made, null) ?? made;
    }

    private static int MessageLength(LoggedEvent[] critical, byte[][] ephemeral)
    {
        var length = Start.Length + RunIdLength + Middle.Length + Math.Max(0, critical.Length + ephemeral.Length - 1) + End.Length;
        foreach (var e in critical) length += e.Json.Length;
        foreach (var e in ephemeral) length += e.Length;
        return length;
    }

    /// <summary>The invocation of <c>ReceiveEvents(runId, events)</c> as SignalR's JSON protocol writes it.</summary>
    private static FrameMessage Serialise(Guid runId, LoggedEvent[] critical, byte[][] ephemeral)
    {
        var bytes = GC.AllocateUninitializedArray<byte>(FrameMessage.Room + MessageLength(critical, ephemeral));
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
