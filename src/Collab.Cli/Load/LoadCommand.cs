using System.CommandLine;
using System.Text.Json;
using Collab.Cli.Options;
using Collab.Cli.Printing;
using Collab.Cli.Server;

namespace Collab.Cli.Load;

/// <summary><c>collab load</c>: many clients that publish and follow, and a check that each got each event once and in order.</summary>
internal static class LoadCommand
{
    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web);

    public static Command Create()
    {
        var run = RunOptions.Run();
        run.Arity = ArgumentArity.ZeroOrOne;
        run.Description = "The run: a UUID. Without it, new ones.";
        var runs = Number.Option("--runs", "N", "How many new runs the clients are dealt out to.", 1, 10_000).Usually(1);
        var clients = Number.Option("--clients", "C", "How many clients publish and follow.", 1, 10_000).Usually(10);
        var rate = Number.Option("--rate", "R", "Events a second, of all clients together.", 0.1, 100_000).Usually(10);
        var payload = Number.Option("--payload", "BYTES", "Bytes of each event's data.", LoadPlan.SmallestPayload, 60_000).Usually(200);
        var json = new Option<bool>("--json") { Description = "Print the summary as JSON." };
        var duration = new Option<TimeSpan?>("--duration")
        {
            Description = "How long to publish. [default: 10s]",
            HelpName = "TIME",
            CustomParser = result => Duration.Parse(result),
        };
        var command = new Command(
            "load",
            "Have many clients publish and follow, and check that each gets each event once and in order. "
            + "Ctrl+C ends the publishing early.")
        {
            run, runs, clients, rate, duration, payload, json,
        };
        command.Validators.Add(line =>
        {
            if (line.GetResult(run) is { Tokens.Count: > 0 } && line.GetResult(runs) is { Implicit: false })
                line.AddError("Either RUN or --runs.");
        });
        return command.Does((parsed, target, stop) =>
        {
            Guid[] ids = parsed.GetValue(run) is var one && one != default
                ? [one]
                : [.. Enumerable.Range(0, parsed.GetValue(runs)).Select(_ => Guid.NewGuid())];
            var time = parsed.GetValue(duration) ?? TimeSpan.FromSeconds(10);
            var plan = new LoadPlan(ids, parsed.GetValue(clients), parsed.GetValue(rate), time, parsed.GetValue(payload));
            return LoadAsync(target, plan, parsed.GetValue(json), stop);
        });
    }

    private static async Task<int> LoadAsync(Target target, LoadPlan plan, bool json, CancellationToken stop)
    {
        if (!target.Tokens.CanBeAnybody && plan.Clients > 1)
        {
            Terminal.Error.WriteLine(
                "With one token all clients are one user: the server's limits for one user hold for all of them together.");
        }
        var report = await new LoadTest(plan, target).RunAsync(stop);
        if (json) Terminal.Out.WriteLine(JsonSerializer.Serialize(report, Json));
        else foreach (var line in LoadSummary.Lines(report)) Terminal.Out.WriteLine(line);
        return report.ToExitCode();
    }

    private static Option<T> Usually<T>(this Option<T> option, T value)
    {
        option.DefaultValueFactory = _ => value;
        return option;
    }
}
