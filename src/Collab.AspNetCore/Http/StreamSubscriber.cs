using System.Threading.Channels;
using Collab.AspNetCore.FanOut;
using Collab.AspNetCore.Monitoring;
using Collab.AspNetCore.Refusals;

namespace Collab.AspNetCore.Http;

/// <summary>An event stream that follows a run. The request is the loop that writes; the feed only wakes it.</summary>
internal sealed class StreamSubscriber(string userId, ConnectionRecord record, CollabMetrics metrics, bool wantsFingerprints)
    : Subscriber(userId)
{
    private readonly Channel<bool> _more =
        Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });
    private int _fellBehind;

    public override bool WantsFingerprints => wantsFingerprints;

    /// <summary>How it is sent a frame.</summary>
    public FrameForm<byte[]> Form => wantsFingerprints ? StreamMessages.FormWithFingerprint : StreamMessages.Form;

    /// <summary>Why the server ended the stream; null if it did not.</summary>
    public Ending? Ending => record.Ending;

    /// <summary>Waits for the next offer. False: none came in time.</summary>
    public async Task<bool> MoreAsync(TimeSpan timeout, CancellationToken cancellationToken)
    {
        if (_more.Reader.TryRead(out _)) return true;
        using var inTime = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        inTime.CancelAfter(timeout);
        try
        {
            return await _more.Reader.ReadAsync(inTime.Token);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return false;
        }
    }

    public Frame? Take()
    {
        if (Position!.Next is not { } next) return null;
        Position = next;
        return next;
    }

    public override void Offer() => _more.Writer.TryWrite(true);

    public override void FellBehind()
    {
        if (Interlocked.Exchange(ref _fellBehind, 1) == 0) metrics.SlowClientCutOff();
        base.FellBehind();
    }

    public override void CutOff(Ending ending) => record.End(ending);
}
