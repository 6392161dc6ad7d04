using System.Globalization;
using Collab.Protocol;

namespace Collab.Client;

/// <summary>
/// Keeps what became of a connection, with its cause as far as that can be told. Written in turns; what it has can be read on any thread.
/// </summary>
internal sealed class FlightRecorder
{
    private const int Capacity = 100;

    /// <summary>The client runs at least so often while it is looked after; browsers let a hidden tab run once a minute.</summary>
    private static readonly TimeSpan AwayAfter = TimeSpan.FromSeconds(90);

    /// <summary>What is lost after it was quiet for so long may have been cut off for that.</summary>
    private static readonly TimeSpan QuietAfter = TimeSpan.FromSeconds(25);

    /// <summary>A time limit shows from this on: whatever is cut sooner has other causes.</summary>
    private static readonly TimeSpan LimitFrom = TimeSpan.FromSeconds(10);

    private readonly TimeProvider _time;
    private volatile ConnectionFlight _flight;

    /// <summary>When the client was last seen to run, by the wall clock: the other one may stand while a device sleeps.</summary>
    private DateTimeOffset _ranAt;
    private long _heardAt;
    private long _connectedAt;

    /// <summary>How long the last connection that was cut without a word had lasted.</summary>
    private TimeSpan? _lastLife;

    public FlightRecorder(string traceId, TimeProvider time)
    {
        (_time, _flight) = (time, new(traceId, []));
        _ranAt = time.GetUtcNow();
    }

    public ConnectionFlight Flight => _flight;

    /// <summary>The client runs.</summary>
    public void Ran()
    {
        var away = Away();
        if (away >= AwayAfter) Keep(ConnectionStep.Paused, AwayWords(away));
    }

    /// <summary>Something came from the server.</summary>
    public void Heard()
    {
        _heardAt = _time.GetTimestamp();
        Ran();
    }

    public void Connected(bool isRenewed)
    {
        _heardAt = _connectedAt = _time.GetTimestamp();
        Add(isRenewed ? ConnectionStep.Renewed : ConnectionStep.Connected);
    }

    /// <summary>The WebSocket was lost.</summary>
    public void Lost(Exception? reason, bool isOnline)
    {
        var (away, life, quiet) = (Away(), _time.GetElapsedTime(_connectedAt), _time.GetElapsedTime(_heardAt));
        var known = SaidByServer(reason) ?? (away >= QuietAfter ? AwayWords(away) : SaidHere(reason, isOnline));
        Keep(ConnectionStep.Lost, known ?? CutWords(life, quiet, _lastLife));
        _lastLife = known is null ? life : null;
    }

    /// <summary>A try of the WebSocket, or a poll, failed.</summary>
    public void Failed(ConnectionStep step, Exception? reason, bool isOnline) =>
        Add(step, SaidByServer(reason) ?? SaidHere(reason, isOnline) ?? $"No connection came about: {reason?.Message}");

    public void Add(ConnectionStep step, string? cause = null)
    {
        Ran();
        Keep(step, cause);
    }

    /// <summary>For how long the client did not run. From here on it has.</summary>
    private TimeSpan Away()
    {
        var now = _time.GetUtcNow();
        var away = now - _ranAt;
        _ranAt = now;
        return away;
    }

    private void Keep(ConnectionStep step, string? cause)
    {
        var entries = _flight.Entries;
        var last = entries.Count > 0 ? entries[^1] : null;
        var isRepeat = last?.Step == step && last.Cause == cause;
        var kept = isRepeat ? entries.SkipLast(1) : entries.Skip(Math.Max(0, entries.Count + 1 - Capacity));
        _flight = _flight with { Entries = [.. kept, new(_time.GetUtcNow(), step, cause, isRepeat ? last!.Times + 1 : 1)] };
    }

    /// <summary>Null where it did not say a word.</summary>
    private static string? SaidByServer(Exception? reason)
    {
        if (reason is EndedByServerException ended) return $"The server ended it ({ended.Code.ToWire()}): {ended.Message}";
        return Refusal.OfHub(reason) is { } refusal ? $"The server refused it ({refusal.CodeText}): {refusal.Message}" : null;
    }

    /// <summary>What the system and this client know of it; null where they know nothing.</summary>
    private static string? SaidHere(Exception? reason, bool isOnline)
    {
        if (!isOnline) return "The device is offline.";
        if (reason is NoAnswerException) return reason.Message;
        // SignalR's own timeout.
        return reason is TimeoutException ? "Nothing came from the server for 30 s: the network fails without a word." : null;
    }

    private static string CutWords(TimeSpan life, TimeSpan quiet, TimeSpan? lastLife)
    {
        if (quiet >= QuietAfter) return $"It was cut off after {Words(quiet)} without traffic: a proxy's idle timeout looks like that.";
        return life >= LimitFrom && lastLife is { } before && (life - before).Duration() <= life * 0.05
            ? $"It was cut off after {Words(life)}, as the time before: a proxy's time limit looks like that."
            : $"It broke off without a word after {Words(life)}: the network, a proxy or the server went away.";
    }

    private static string AwayWords(TimeSpan away) =>
        $"The client did not run for {Words(away)}: the tab was frozen, or the device was asleep.";

    private static string Words(TimeSpan time)
    {
        var seconds = Math.Max(0, Math.Round(time.TotalSeconds));
        if (seconds < 120) return string.Create(CultureInfo.InvariantCulture, $"{seconds} s");
        var minutes = Math.Round(seconds / 60);
        return minutes < 120
            ? string.Create(CultureInfo.InvariantCulture, $"{minutes} min")
            : string.Create(CultureInfo.InvariantCulture, $"{Math.Round(minutes / 60)} h");
    }
}
