using System.CommandLine;
using Collab.Cli.Options;
using Collab.Cli.Printing;
using Collab.Cli.Server;
using Collab.Protocol;

namespace Collab.Cli.Watch;

/// <summary><c>collab watch</c>: what happens in a run, as it happens, until the run ends or Ctrl+C.</summary>
internal static class WatchCommand
{
    private static readonly TimeSpan LastWords = TimeSpan.FromSeconds(1);

    public static Command Create()
    {
        var run = RunOptions.Run();
        var json = RunOptions.JsonLines();
        var after = RunOptions.After();
        var noHistory = new Option<bool>("--no-history") { Description = "Leave out what happened before." };
        var cursors = new Option<bool>("--cursors") { Description = "Print cursor moves too." };
        return new Command(
            "watch", "Follow a run: its events on standard output, the connection on standard error. It ends with the run, or at Ctrl+C.")
        {
            run, json, after, noHistory, cursors,
        }.Does((parsed, target, stop) =>
        {
            var withHistory = !parsed.GetValue(noHistory);
            var filter = new WatchFilter(parsed.GetValue(after), withHistory, parsed.GetValue(cursors));
            return WatchAsync(target, parsed.GetValue(run), filter, withHistory, parsed.GetValue(json), stop);
        });
    }

    private static async Task<int> WatchAsync(
        Target target, Guid runId, WatchFilter filter, bool withHistory, bool json, CancellationToken stop)
    {
        // Nothing of it may be lost while a terminal is slow.
        await using var client = target.NewClient(configure: options => options.MaxUnread = 10_000);
        await using var run = client.Open(runId);
        var status = new WatchStatus(target);
        using var over = CancellationTokenSource.CreateLinkedTokenSource(stop);
        var end = new WatchEnd(withHistory, over);
        run.StateChanged += (_, change) =>
        {
            filter.Know(change.Snapshot.Epoch);
            status.Tell(change.Snapshot);
            end.Know(change.Snapshot);
        };
        try
        {
            await foreach (var e in run.ReadEventsAsync(withHistory, over.Token))
            {
                if (filter.Passes(e, out var missing))
                {
                    if (missing is not null) WatchStatus.Tell(missing, runId);
                    Terminal.Out.WriteLine(json ? EventText.Json(e) : EventText.Line(e, Terminal.Out, run.Snapshot.NameOf(e.UserId)));
                }
                if (e.EventType == EventTypes.RunEnd) break;
            }
        }
        catch (OperationCanceledException) when (over.IsCancellationRequested)
        {
            // Ctrl+C is how one ends it, where the run does not.
        }
        if (stop.IsCancellationRequested) return ExitCode.Done;
        // An event may be read before it is said how it came.
        await Task.WhenAny(status.SaidAllButTheEnd, Task.Delay(LastWords, stop));
        WatchStatus.TellEnd(run.Snapshot);
        return ExitCode.Done;
    }
}
