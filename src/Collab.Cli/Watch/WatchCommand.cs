using System.CommandLine;
using Collab.Cli.Options;
using Collab.Cli.Printing;
using Collab.Cli.Server;
using Collab.Protocol;

namespace Collab.Cli.Watch;

/// <summary><c>collab watch</c>: what happens in a run, as it happens, until Ctrl+C.</summary>
internal static class WatchCommand
{
    public static Command Create()
    {
        var run = RunOptions.Run();
        var json = RunOptions.JsonLines();
        var after = RunOptions.After();
        var noHistory = new Option<bool>("--no-history") { Description = "Leave out what happened before." };
        var cursors = new Option<bool>("--cursors") { Description = "Print cursor moves too." };
        return new Command("watch", "Follow a run: its events on standard output, the connection on standard error. Ctrl+C ends it.")
        {
            run, json, after, noHistory, cursors,
        }.Does((parsed, target, stop) =>
        {
            var filter = new WatchFilter(parsed.GetValue(after), parsed.GetValue(cursors));
            return WatchAsync(target, parsed.GetValue(run), filter, !parsed.GetValue(noHistory), parsed.GetValue(json), stop);
        });
    }

    private static async Task<int> WatchAsync(Target target, Guid runId, WatchFilter filter, bool withHistory, bool json, CancellationToken stop)
    {
        // Nothing of it may be lost while a terminal is slow.
        await using var client = target.NewClient(configure: options => options.MaxUnread = 10_000);
        await using var run = client.Open(runId);
        var status = new WatchStatus(target, withHistory ? filter.After : null);
        run.StateChanged += (_, change) => status.Tell(change.Snapshot);
        try
        {
            await foreach (var e in run.ReadEventsAsync(withHistory, stop))
            {
                if (filter.Passes(e)) Terminal.Out.WriteLine(json ? EventText.Json(e) : EventText.Line(e, Terminal.Out));
            }
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            // Ctrl+C is how one ends it.
        }
        return ExitCode.Done;
    }
}

/// <summary>Which events are printed.</summary>
/// <param name="after">Not those up to this number. Once one has come after it, all pass: if the run is erased, its numbers begin again.</param>
/// <param name="withCursors">Cursor moves too.</param>
internal sealed class WatchFilter(long after, bool withCursors)
{
    private bool _isPast;

    /// <summary>Not those up to this number.</summary>
    public long After => after;

    public bool Passes(CollaborationEvent e)
    {
        if (e.SequenceNumber is not { } sequence) return withCursors || e.EventType != EventTypes.CursorMove;
        return _isPast |= sequence > after;
    }
}
