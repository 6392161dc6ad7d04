using Collab.AspNetCore.Refusals;

namespace Collab.AspNetCore.FanOut;

/// <summary>Somebody who follows a run: a place in its chain of frames, and a way to be told that there is more.</summary>
internal abstract class Subscriber(string userId)
{
    private volatile Frame? _position;

    public string UserId { get; } = userId;

    /// <summary>What to call that user; null if there is no name but the id.</summary>
    public string? UserName { get; init; }

    /// <summary>The last frame that was handed over.</summary>
    public Frame? Position
    {
        get => _position;
        protected set => _position = value;
    }

    /// <summary>Called once, by the feed, under its lock.</summary>
    public void StartAt(Frame frame) => Position = frame;

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
