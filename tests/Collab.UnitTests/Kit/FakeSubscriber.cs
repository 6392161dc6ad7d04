using Collab.AspNetCore.FanOut;
using Collab.AspNetCore.Refusals;
using Collab.TestKit;

namespace Collab.UnitTests.Kit;

/// <summary>A subscriber that notes what it gets, and that can be as busy as a client that has stopped reading.</summary>
internal sealed class FakeSubscriber(string userId = "bob") : Subscriber(userId)
{
    private readonly Lock _gate = new();
    private long _lastSequence;
    private bool _isBusy;

    public override bool WantsFingerprints => WantsToCompare;

    /// <summary>Whether it asks for fingerprints.</summary>
    public bool WantsToCompare { get; init; }

    public Arrivals<Frame> Frames { get; } = new();

    public Arrivals<Ending> CutOffs { get; } = new();

    public long LastSequence => Volatile.Read(ref _lastSequence);

    public IEnumerable<long> Sequences => Frames.All.SelectMany(f => f.Critical).Select(e => e.Sequence);

    public void StopReading()
    {
        lock (_gate) _isBusy = true;
    }

    public void ReadAgain()
    {
        lock (_gate) _isBusy = false;
        Offer();
    }

    public override void Offer()
    {
        lock (_gate)
        {
            while (!_isBusy && Position!.Next is { } frame)
            {
                Position = frame;
                Frames.Add(frame);
                if (frame.Critical is [.., var last]) Volatile.Write(ref _lastSequence, last.Sequence);
            }
        }
    }

    public override void CutOff(Ending ending) => CutOffs.Add(ending);

    public Task HasAsync(long sequence) =>
        Frames.WaitForAsync(all => all.Count > 0 && all[^1].Critical is [.., var last] && last.Sequence >= sequence);
}
