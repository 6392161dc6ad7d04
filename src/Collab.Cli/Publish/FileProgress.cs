using System.Diagnostics;
using System.Globalization;
using Collab.Cli.Options;
using Collab.Cli.Printing;

namespace Collab.Cli.Publish;

/// <summary>
/// Says on standard error how far a file is: on a terminal one line that is written over, else a line a second. Its figures are of what is
/// acknowledged.
/// </summary>
/// <param name="total">How many events there are.</param>
internal sealed class FileProgress(int total)
{
    private readonly long _startedAt = Stopwatch.GetTimestamp();
    private int _acknowledged;
    private Wait? _wait;

    /// <summary>How many are stored, or on their way if their type is ephemeral.</summary>
    public int Acknowledged => Volatile.Read(ref _acknowledged);

    /// <summary>One more is.</summary>
    public void Add() => Interlocked.Increment(ref _acknowledged);

    /// <summary>Why nothing is sent; null: it goes on.</summary>
    public string? WaitsFor => Volatile.Read(ref _wait)?.Why;

    /// <summary>Nothing is sent for so long.</summary>
    public void Waits(TimeSpan time, string why) => Volatile.Write(ref _wait, new(time, why));

    /// <summary>It is sent again.</summary>
    public void GoesOn() => Volatile.Write(ref _wait, null);

    /// <summary>Goes on until it is stopped, and says then where it has got to.</summary>
    public async Task PrintAsync(CancellationToken stop)
    {
        using var tick = new PeriodicTimer(TimeSpan.FromMilliseconds(Terminal.Error.CanRewrite ? 200 : 1000));
        try
        {
            while (await tick.WaitForNextTickAsync(stop)) Terminal.Error.Rewrite(Line());
        }
        catch (OperationCanceledException)
        {
            GoesOn();
            Terminal.Error.WriteLine(Line());
        }
    }

    private string Line()
    {
        var (done, seconds) = (Acknowledged, Stopwatch.GetElapsedTime(_startedAt).TotalSeconds);
        var percent = total == 0 ? 100 : 100L * done / total;
        var wait = Volatile.Read(ref _wait) is { } now ? $"  waits {Duration.Text(now.Time)}, {Plain.Text(now.Why)}" : "";
        return string.Create(
            CultureInfo.InvariantCulture, $"{done:#,0} of {total:#,0} events ({percent} %), {done / seconds:#,0}/s{wait}");
    }

    private sealed record Wait(TimeSpan Time, string Why);
}
