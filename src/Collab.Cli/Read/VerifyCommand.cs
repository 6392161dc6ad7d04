using System.CommandLine;
using System.Text.Json;
using Collab.Cli.Options;
using Collab.Cli.Printing;
using Collab.Protocol;

namespace Collab.Cli.Read;

/// <summary><c>collab verify</c>: whether a run is as it was signed.</summary>
internal static class VerifyCommand
{
    public static Command Create()
    {
        var run = RunOptions.Run();
        var json = new Option<bool>("--json") { Description = "Print it as JSON." };
        return new Command("verify", "Check what signs a run, and name the first event that is wrong.") { run, json }
            .Does(async (parsed, target, stop) =>
            {
                await using var client = target.NewClient();
                var answer = await target.AskAsync(client, (server, end) => server.VerifyAsync(parsed.GetValue(run), end), stop);
                if (parsed.GetValue(json)) Terminal.Out.WriteLine(JsonSerializer.Serialize(answer, CollabJson.Default.VerifyResult));
                else Print(answer);
                return answer.Ok ? ExitCode.Done : ExitCode.Broken;
            });
    }

    private static void Print(VerifyResult answer)
    {
        Terminal.Out.WriteLine(
            answer.Wrong is { } wrong ? $"wrong: #{wrong.SequenceNumber} {Plain.Text(wrong.Reason)}. {Plain.Text(wrong.Message)}"
            : answer.SignedFrom is null ? "nothing of this run is signed"
            : "ok");
        Terminal.Out.WriteLine(Terminal.Out.Dim(
            $"{answer.Verified} events verified, {answer.NotSigned} from before the first signature"
            + $"{(answer.SignedFrom is { } from ? $" (#{from})" : "")}; state {(answer.StateVerified ? "verified" : "not signed")}"));
    }
}
