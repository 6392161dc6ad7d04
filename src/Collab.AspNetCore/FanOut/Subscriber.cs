using Collab.AspNetCore.Refusals;
using Collab.Protocol;

namespace Collab.AspNetCore.FanOut;

/// <summary>
/// What follows a run: a place in its chain of frames, or a backlog before it has one, and a way to be told that there is more.
/// </summary>
internal abstract class Subscriber(string userId)
{
    private volatile Frame? _position;

    public string UserId { get; } = userId;

    /// <summary>What to call that user; null if there is no name but the id.</summary>
    public string? UserName { get; init; }

    /// <summary>What that user is.</summary>
    public ParticipantKind Kind { get; init; }

    /// <summary>Whether it is answered what those are who are there, and how far they have seen.</summary>
    public bool WantsPresence { get; init; }

    /// <summary>Whether it sends on what the state comes to.</summary>
    public virtual bool WantsFingerprints => false;

    /// <summary>The last frame that was handed over; null while there is a <see cref="Backlog"/>.</summary>
    public Frame? Position
    {
        get => _position;
        protected set => _position = value;
    }

    /// <summary>What it is to be sent before it has a place in the chain; null: nothing.</summary>
    public Backlog? Backlog { get; private set; }

    /// <summary>How many bytes it keeps in memory beyond what was handed over.</summary>
    public long Lag => Position is { } position ? position.Behind : Backlog?.WaitingBytes ?? 0;

    /// <summary>It gets every frame after this one. Called by the feed, under its lock.</summary>
    public void StartAt(Frame frame) => (Position, Backlog) = (frame, null);

    /// <summary>It is sent kept events first. Called by the feed, under its lock.</summary>
    /// <param name="sent">The last one that it has.</param>
    public void StartBehind(long sent) => Backlog = new(sent);

    /// <summary>From now on frames may be handed over.</summary>
    public virtual void Begin()
    {
    }

    /// <summary>There is a frame after <see cref="Position"/>. Must not wait for anything.</summary>
    public abstract void Offer();

    /// <summary>It lags so far that it is cut off.</summary>
    public virtual void FellBehind() => CutOff(Ending.FellBehind);

    /// <summary>Ends the connection behind this subscriber; it can come back and replay. Must not wait for anything.</summary>
    public abstract void CutOff(Ending ending);
}
