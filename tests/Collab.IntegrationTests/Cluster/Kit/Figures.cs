using System.Diagnostics;
using System.Globalization;

namespace Collab.IntegrationTests.Cluster.Kit;

/// <summary>Figures of a drill, as a line of its output.</summary>
internal static class Figures
{
    /// <summary>Milliseconds: the middle, the 99th of 100, the largest.</summary>
    public static string Of(IEnumerable<double> milliseconds)
    {
        var sorted = milliseconds.Order().ToArray();
        return sorted.Length == 0
            ? "none"
            : string.Create(
                CultureInfo.InvariantCulture,
                $"p50 {At(0.5):0.0}, p99 {At(0.99):0.0}, max {sorted[^1]:0.0} ms of {sorted.Length}");

        double At(double part) => sorted[(int)(part * (sorted.Length - 1))];
    }

    /// <summary>How long after its acknowledgement each event came to a client; not before it, as it does beside the publisher.</summary>
    public static IEnumerable<(Published Event, double Ms)> LagsOf(Track track, IEnumerable<Published> published)
    {
        var events = track.Events;
        return from p in published
               where p.RunId == track.RunId && p.Ack.SequenceNumber <= events.Length
               let at = events[(int)p.Ack.SequenceNumber!.Value - 1].At
               select (p, Math.Max(0, Stopwatch.GetElapsedTime(p.AckedAt, at).TotalMilliseconds));
    }

    public static string Seconds(TimeSpan span) => string.Create(CultureInfo.InvariantCulture, $"{span.TotalSeconds:0.00} s");
}
