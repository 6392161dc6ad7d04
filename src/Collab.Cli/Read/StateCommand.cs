using System.CommandLine;
using System.Text.Json;
using Collab.Cli.Options;
using Collab.Cli.Printing;
using Collab.Protocol;

namespace Collab.Cli.Read;

/// <summary><c>collab state</c>: what all events of a run add up to.</summary>
internal static class StateCommand
{
    public static Command Create()
    {
        var run = RunOptions.Run();
        var at = Number.Option("--at", "N", "As it was after this event.", 0, long.MaxValue);
        var json = new Option<bool>("--json") { Description = "Print it as JSON." };
        return new Command("state", "Print what all events of a run add up to: grafted agents, skipped steps, flags.") { run, at, json }
            .Does(async (parsed, target, stop) =>
            {
                await using var client = target.NewClient();
                long? sequence = parsed.GetResult(at) is null ? null : parsed.GetValue(at);
                var state = await target.AskAsync(client, (server, end) => server.GetStateAsync(parsed.GetValue(run), sequence, end), stop);
                if (parsed.GetValue(json)) Terminal.Out.WriteLine(JsonSerializer.Serialize(state, CollabJson.Default.RunState));
                else Print(state);
                return ExitCode.Done;
            });
    }

    private static void Print(RunState state)
    {
        Terminal.Out.WriteLine(Terminal.Out.Dim($"after event #{state.AsOfSequence}"));
        if (state.Ended) Terminal.Out.WriteLine("the run has ended");
        foreach (var (step, graft) in state.Grafts)
            Line("graft", step, $"{Plain.Text(graft.AgentName)} {By(graft.UserId, graft.SequenceNumber)}");
        foreach (var step in state.PrunedSteps) Line("prune", step, "");
        foreach (var (step, flag) in state.Flags) Line("flag", step, $"{Plain.Text(flag.Note)} {By(flag.UserId, flag.SequenceNumber)}");
    }

    private static string By(string user, long sequence) => Terminal.Out.Dim($"({Plain.Text(user)}, #{sequence})");

    private static void Line(string what, string step, string more) =>
        Terminal.Out.WriteLine($"{what,-6} {Terminal.Out.Bold(Plain.Text(step))}  {more.Trim()}".TrimEnd());
}
