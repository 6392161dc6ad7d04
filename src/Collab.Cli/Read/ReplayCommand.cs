using System.CommandLine;
using Collab.Cli.Options;
using Collab.Cli.Printing;
using Collab.Cli.Server;
using Collab.Cli.Watch;

namespace Collab.Cli.Read;

/// <summary><c>collab replay</c>: the events that the server still keeps.</summary>
internal static class ReplayCommand
{
    private const int PageSize = 1000;

    public static Command Create()
    {
        var run = RunOptions.Run();
        var after = RunOptions.After();
        var json = RunOptions.JsonLines();
        return new Command("replay", "Print the events that the server keeps of a run.") { run, after, json }
            .Does((parsed, target, stop) => ReplayAsync(target, parsed.GetValue(run), parsed.GetValue(after), parsed.GetValue(json), stop));
    }

    private static async Task<int> ReplayAsync(Target target, Guid runId, long after, bool json, CancellationToken stop)
    {
        await using var client = target.NewClient();
        var position = after;
        while (true)
        {
            var from = position;
            var page = await target.AskAsync(client, (server, end) => server.ReplayAsync(runId, from, PageSize, end), stop);
            var oldest = page.OldestSequence > 0 ? page.OldestSequence : page.LastSequence + 1;
            // Also later: while one page is printed the server can let go of the next.
            if (Missing.Between(position, oldest) is { } missing) Terminal.Error.WriteLine($"collab: {missing.Sentence(runId)}.");
            foreach (var e in page.Events)
            {
                var name = page.UserNames?.GetValueOrDefault(e.UserId);
                Terminal.Out.WriteLine(json ? EventText.Json(e) : EventText.Line(e, Terminal.Out, name));
            }
            if (!page.HasMore || page.Events is not [.., { SequenceNumber: { } last }]) return ExitCode.Done;
            position = last;
        }
    }
}
