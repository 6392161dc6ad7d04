using Collab.AspNetCore.Monitoring;
using Collab.Protocol;

namespace Collab.AspNetCore.Administration;

/// <summary>Which part of a list is asked for.</summary>
internal readonly record struct Page(int Offset, int Limit)
{
    /// <summary>How many rows there are up to its end.</summary>
    public int End => (int)Math.Min((long)Offset + Limit, int.MaxValue);

    /// <summary>So many of them one server is asked for.</summary>
    public int Rows => Math.Min(End, Cluster.Question.MostRows);

    public IReadOnlyList<T> Of<T>(IReadOnlyList<T> rows) => [.. rows.Skip(Offset).Take(Limit)];
}

/// <summary>How the connections fare, and of how many servers that is.</summary>
/// <param name="Rows">Those that were asked for.</param>
/// <param name="Total">How many there are.</param>
/// <param name="Servers">How many servers there are.</param>
/// <param name="Missing">What those are called that did not answer.</param>
/// <param name="IsCut">Whether the list ends early.</param>
internal sealed record Sessions(
    IReadOnlyList<ConnectionMetrics> Rows, int Total, int Servers, IReadOnlyList<string> Missing, bool IsCut);

/// <summary>Lists of several servers as one.</summary>
/// <param name="Rows">In order, up to where the order is certain.</param>
/// <param name="IsCut">Whether there are more.</param>
internal sealed record MergedRows<T>(IReadOnlyList<T> Rows, bool IsCut)
{
    /// <summary>Whether a page ends early.</summary>
    public bool IsCutBefore(int end) => IsCut && Rows.Count < end;
}

/// <summary>Makes one answer of those of several servers.</summary>
internal static class Merge
{
    /// <summary>Puts lists together. Where one of them ends early it is not known what comes next: the whole ends there too.</summary>
    /// <param name="answers">The lists' answers.</param>
    /// <param name="rowsOf">An answer's list, and how long it would be with all of it.</param>
    /// <param name="sort">Their order.</param>
    public static MergedRows<T> Sorted<TAnswer, T>(
        IReadOnlyList<TAnswer> answers, Func<TAnswer, (IReadOnlyList<T> Rows, int Total)> rowsOf,
        Func<IEnumerable<T>, IEnumerable<T>> sort)
        where T : class
    {
        var lists = answers.Select(rowsOf).ToList();
        // One list is in order as it is.
        List<T> rows = lists.Count == 1 ? [.. lists[0].Rows] : [.. sort(lists.SelectMany(l => l.Rows))];
        var cut = lists.Where(l => l.Rows.Count < l.Total).ToList();
        if (cut.Count == 0 || lists.Count == 1) return new(rows, cut.Count > 0);
        var end = cut.Min(l => l.Rows.Count == 0 ? 0 : rows.FindLastIndex(r => ReferenceEquals(r, l.Rows[^1])) + 1);
        return new(rows[..end], IsCut: true);
    }

    public static ConnectionsHealth Health(IReadOnlyList<ConnectionsHealth> all)
    {
        if (all.Count == 1) return all[0];
        var total = all.Sum(h => h.TotalConnections);
        var average = total == 0 ? 100 : all.Sum(h => h.AverageQualityScore * h.TotalConnections) / total;
        return new(
            total, all.Sum(h => h.HealthyConnections), all.Sum(h => h.DegradedConnections), all.Sum(h => h.UnhealthyConnections),
            average, ConnectionQuality.StatusOf(average));
    }

    /// <summary>Moment by moment, up to the last that all know of. A server that was not there at one has no part in it.</summary>
    /// <param name="all">The answering server's first.</param>
    public static ConnectionHistory History(IReadOnlyList<ConnectionHistory> all)
    {
        if (all.Count == 1) return all[0];
        var until = all.Min(h => h.Samples.Count == 0 ? long.MaxValue : h.Samples[^1].At);
        var samples = all.SelectMany(h => h.Samples).Where(s => s.At <= until)
            .GroupBy(s => s.At).OrderBy(g => g.Key).Select(g => Sum(g.Key, [.. g]));
        return all[0] with { Samples = [.. samples.TakeLast(TrafficHistory.Capacity)] };
    }

    private static HistorySample Sum(long at, IReadOnlyList<HistorySample> all) => new(
        at, all.Sum(s => s.Connections), all.Sum(s => s.Streams), all.Sum(s => s.MessagesIn), all.Sum(s => s.MessagesOut),
        all.Sum(s => s.Polls), all.Sum(s => s.Errors), all.Max(s => s.LatencyP50), all.Max(s => s.LatencyP95),
        all.SelectMany(s => s.Endings).GroupBy(e => e.Key, e => e.Value, StringComparer.Ordinal)
            .ToDictionary(g => g.Key, g => g.Sum(), StringComparer.Ordinal));
}
