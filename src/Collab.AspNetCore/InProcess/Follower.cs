using System.Threading.Channels;
using Collab.AspNetCore.FanOut;
using Collab.AspNetCore.Refusals;

namespace Collab.AspNetCore.InProcess;

/// <summary>
/// A reader inside the application that follows a run, for as long as it keeps up. Where others are cut off it lets go of what it has not
/// taken, and its owner begins with a new one where it stands.
/// </summary>
internal sealed class Follower(Feeds feeds) : Subscriber(userId: "")
{
    private readonly Channel<bool> _more =
        Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });
    private Feed? _feed;
    private volatile Ending? _ending;
    private volatile bool _isOverrun;

    /// <summary>Follows the run from a position on.</summary>
    /// <exception cref="RefusedException"><c>unavailable</c> or <c>overloaded</c>.</exception>
    public async ValueTask<RunView> AttachAsync(Guid runId, long after, CancellationToken cancellationToken)
    {
        var (feed, view) = await feeds.AttachAsync(runId, this, after, Pieces.Bytes, asConnection: false, cancellationToken);
        _feed = feed;
        // It may have been overrun before it knew of what.
        if (_isOverrun) feed.Detach(this, asConnection: false);
        return view;
    }

    /// <summary>The next frame, once there is one. Null: it was overrun.</summary>
    /// <exception cref="FollowEndedException">The run was erased, or its log replaced.</exception>
    public async ValueTask<Frame?> NextAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            if (_ending is { } ending && ending != Ending.Failed) throw FollowEndedException.Of(ending);
            if (_isOverrun) return null;
            var frame = Next(out var missing);
            if (frame is not null) return frame;
            if (missing == BacklogGap.Trimmed) return null;
            if (missing == BacklogGap.InStore) await feeds.ReadBackAsync(_feed!, cancellationToken);
            else await _more.Reader.ReadAsync(cancellationToken);
        }
    }

    /// <summary>Follows it no more.</summary>
    public void Detach() => _feed?.Detach(this, asConnection: false);

    public override void Offer() => _more.Writer.TryWrite(true);

    public override void FellBehind() => Overrun();

    public override void CutOff(Ending ending)
    {
        _ending = ending;
        Overrun();
    }

    private void Overrun()
    {
        _isOverrun = true;
        _feed?.Detach(this, asConnection: false);
        // What it has not taken is nobody's any more.
        Position = null;
        Offer();
    }

    private Frame? Next(out BacklogGap missing)
    {
        missing = BacklogGap.None;
        if (Backlog is not null)
        {
            if (_feed!.NextOf(this, out missing) is { } piece) return piece;
            if (missing != BacklogGap.None) return null;
        }
        if (Position?.Next is not { } next) return null;
        Position = next;
        // Overrun meanwhile: it must not be what keeps the frames.
        if (_isOverrun) Position = null;
        return next;
    }
}
