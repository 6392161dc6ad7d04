using System.CommandLine;
using System.Text.Json;
using Collab.Cli.Options;
using Collab.Cli.Printing;
using Collab.Protocol;

namespace Collab.Cli.Publish;

/// <summary><c>collab branch RUN --at N</c>: begins a run as a copy of another, and prints its id.</summary>
internal static class BranchCommand
{
    public static Command Create()
    {
        var run = RunOptions.Run();
        var at = Number.Option("--at", "N", "The last event to copy, one that is kept.", 1, long.MaxValue);
        at.Required = true;
        var newRun = new Option<Guid?>("--as")
        {
            Description = "What to call the new run; a repeat finds it as it was made. Default: a new id.",
            HelpName = "NEWRUN",
        };
        var json = new Option<bool>("--json") { Description = "Print the whole answer as JSON." };
        const string Does = "Begin a new run as a copy of another as it was after an event, and print its id.";
        return new Command("branch", Does) { run, at, newRun, json }
            .Does(async (parsed, target, stop) =>
            {
                await using var client = target.NewClient();
                // The same over all attempts, so that one whose answer is lost makes no second run.
                var id = parsed.GetValue(newRun) ?? Guid.CreateVersion7();
                var made = await target.AskAsync(
                    client, (server, end) => server.BranchAsync(parsed.GetValue(run), parsed.GetValue(at), id, end), stop);
                Terminal.Out.WriteLine(
                    parsed.GetValue(json) ? JsonSerializer.Serialize(made, CollabJson.Default.BranchResult) : made.RunId.ToString());
                return ExitCode.Done;
            });
    }
}
