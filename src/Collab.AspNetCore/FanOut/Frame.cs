using System.Runtime.CompilerServices;
using Collab.AspNetCore.Events;
using Collab.Protocol;

namespace Collab.AspNetCore.FanOut;

/// <summary>
/// Some events of a run and a link to the next frame. A subscriber is a place in this chain: what all have passed is garbage, so nothing is
/// queued for anybody, and how far the slowest may lag bounds what the chain can hold. It knows no transport: what each sends of it is made
/// when the first subscriber needs it, and kept here for the others (<see cref="In"/>).
/// </summary>
internal sealed class Frame
{
    /// <summary>About what a message has beside its events, in bytes.</summary>
    private const int Overhead = 96;

    private readonly Chain _chain;
    private readonly long _endOffset;
    private volatile Frame? _next;
    private FrameForms _forms;

    private Frame(
        Chain chain, Guid runId, LoggedEvent[] critical, byte[][] ephemeral, bool canBeSkipped, string[] users,
        StateFingerprint? fingerprint)
    {
        (_chain, RunId, Critical, Ephemeral) = (chain, runId, critical, ephemeral);
        (CanBeSkipped, Users, Fingerprint) = (canBeSkipped, users, fingerprint);
        EventBytes = LengthOf(critical, ephemeral);
        _endOffset = chain.Lengthen(Length);
    }

    public Guid RunId { get; }

    /// <summary>Critical events, in order.</summary>
    public LoggedEvent[] Critical { get; }

    /// <summary>Ephemeral events, each as JSON.</summary>
    public byte[][] Ephemeral { get; }

    /// <summary>Who comes or goes in it.</summary>
    public string[] Users { get; }

    /// <summary>
    /// What the state comes to after the last of the critical events, or after one that is still to come; goes ahead of them. Null: not
    /// now.
    /// </summary>
    public StateFingerprint? Fingerprint { get; }

    /// <summary>Nothing in it matters to a subscriber that is behind.</summary>
    public bool CanBeSkipped { get; }

    /// <summary>How many bytes come after this frame, and how far behind a subscriber is that stands here.</summary>
    public long Behind => _chain.Length - _endOffset;

    /// <summary>How many events are in it.</summary>
    public int Events => Critical.Length + Ephemeral.Length;

    /// <summary>How long its events are as JSON, in bytes.</summary>
    public int EventBytes { get; }

    /// <summary>About how long it is, in bytes.</summary>
    public int Length => EventBytes + Overhead;

    /// <summary>The frame after this one, once there is one. Set once.</summary>
    public Frame? Next
    {
        get => _next;
        set => _next = value;
    }

    /// <summary>The start of a chain.</summary>
    public static Frame First() => new(new(), Guid.Empty, [], [], canBeSkipped: true, users: [], fingerprint: null);

    /// <summary>Events outside of any chain.</summary>
    public static Frame Apart(Guid runId, LoggedEvent[] critical, byte[][] ephemeral, StateFingerprint? fingerprint = null) =>
        new(new(), runId, critical, ephemeral, canBeSkipped: false, users: [], fingerprint);

    /// <summary>The frame that will follow this one.</summary>
    public Frame Then(
        Guid runId, LoggedEvent[] critical, byte[][] ephemeral, bool canBeSkipped, string[] users, StateFingerprint? fingerprint) =>
        new(_chain, runId, critical, ephemeral, canBeSkipped, users, fingerprint);

    /// <summary>The frame without the critical events up to one; itself, if there are none.</summary>
    public Frame After(long sequence) => Critical is [{ Sequence: var first }, ..] && first <= sequence
        ? Apart(RunId, [.. Critical.Where(e => e.Sequence > sequence)], Ephemeral, Fingerprint)
        : this;

    /// <summary>The frame as a transport sends it. Two subscribers may both be the first; all get one of the two.</summary>
    public T In<T>(FrameForm<T> form) where T : class
    {
        ref var kept = ref _forms[form.Index];
        return (T)(Volatile.Read(ref kept) ?? Keep(ref kept, form.Make(this)));
    }

    private static object Keep(ref object? kept, object made) => Interlocked.CompareExchange(ref kept, made, null) ?? made;

    private static int LengthOf(LoggedEvent[] critical, byte[][] ephemeral)
    {
        var length = 0;
        foreach (var e in critical) length += e.Json.Length;
        foreach (var e in ephemeral) length += e.Length;
        return length;
    }

    /// <summary>What the transports have made of it.</summary>
    [InlineArray(FrameForm.Most)]
    private struct FrameForms
    {
        private object? _first;
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
