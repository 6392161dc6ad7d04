using System.CommandLine;
using System.Globalization;
using Collab.Histories.Checking;
using Collab.Histories.Recording;
using Collab.Histories.Running;
using Collab.TestKit;
using CsCheck;

namespace Collab.Histories;

/// <summary>What can be asked for on the command line.</summary>
internal static class Commands
{
    private static readonly string DefaultFolder = Path.Combine(Path.GetTempPath(), "collab-histories");

    public static RootCommand All() => new("Histories of real servers under faults, checked against what Collab promises.") { Run(), Show(), Check(), Search() };

    private static Command Run()
    {
        var seed = new Option<int>("--seed") { Description = "The first seed.", DefaultValueFactory = _ => 1 };
        var count = new Option<int>("--count") { Description = "How many seeds, one after the other.", DefaultValueFactory = _ => 1 };
        var brief = new Option<bool>("--brief") { Description = "Small ones, as in the tests." };
        var kind = Kind("The sort of installation, where the seed is not to choose.");
        var folder = Folder();
        var command = new Command("run", "Makes histories by seed, checks them and writes them down. The same seed makes the same plan.")
        {
            seed, count, brief, kind, folder,
        };
        command.SetAction(async (arguments, cancellation) =>
        {
            await using var postgres = new Databases();
            var table = new Table();
            var first = arguments.GetValue(seed);
            for (var n = first; n < first + arguments.GetValue(count) && !cancellation.IsCancellationRequested; n++)
            {
                var history = await HistoryRun.RunAsync(Plan.Of(n, arguments.GetValue(brief), arguments.GetValue(kind)), postgres.GetAsync);
                var path = Path.Combine(arguments.GetValue(folder)!, $"{history.Setup.Kind}-{n.ToString(CultureInfo.InvariantCulture)}.jsonl");
                history.Save(path);
                Tell(history, path, table);
            }
            table.Print();
            return table.Violations > 0 ? 1 : 0;
        });
        return command;
    }

    private static Command Show()
    {
        var seed = new Option<int>("--seed") { Description = "The first seed.", DefaultValueFactory = _ => 1 };
        var count = new Option<int>("--count") { Description = "How many seeds.", DefaultValueFactory = _ => 1 };
        var brief = new Option<bool>("--brief") { Description = "Small ones, as in the tests." };
        var kind = Kind("The sort of installation, where the seed is not to choose.");
        var command = new Command("show", "Says what seeds stand for: the installation, and the faults with their begin and length.") { seed, count, brief, kind };
        command.SetAction(arguments =>
        {
            for (var n = arguments.GetValue(seed); n < arguments.GetValue(seed) + arguments.GetValue(count); n++)
            {
                var plan = Plan.Of(n, arguments.GetValue(brief), arguments.GetValue(kind));
                var faults = string.Join(' ', plan.Faults.Select(f => string.Create(
                    CultureInfo.InvariantCulture, $"{f.What}@{f.Server} after {f.AfterMs} ms for {f.ForMs} ms;")));
                Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"seed {n,-5} {plan.Layout.Kind,-10} {faults}"));
            }
        });
        return command;
    }

    private static Command Check()
    {
        var files = new Argument<string[]>("files") { Description = "Histories, as `run` wrote them.", Arity = ArgumentArity.OneOrMore };
        var command = new Command("check", "Checks histories again.") { files };
        command.SetAction(arguments =>
        {
            var table = new Table();
            foreach (var path in arguments.GetValue(files)!) Tell(History.Load(path), path, table);
            table.Print();
            return table.Violations > 0 ? 1 : 0;
        });
        return command;
    }

    private static Command Search()
    {
        var kind = Kind("The sort of installation.", Layout.All[0].Kind);
        var count = new Option<int>("--count") { Description = "How many plans are tried.", DefaultValueFactory = _ => 20 };
        var seed = new Option<string?>("--from") { Description = "Where CsCheck begins, as it printed it." };
        var folder = Folder();
        var command = new Command("search", "Tries plans of CsCheck's choice, and once one fails only smaller ones.") { kind, count, seed, folder };
        command.SetAction(async arguments =>
        {
            await using var postgres = new Databases();
            var table = new Table();
            var layout = Layout.All.Single(l => l.Kind == arguments.GetValue(kind));
            var tried = 0;
            try
            {
                await Plan.Generator(layout, runs: 1, steps: 12, minFaults: 0, maxFaults: 2).SampleAsync(
                    async plan =>
                    {
                        var history = await HistoryRun.RunAsync(plan, postgres.GetAsync);
                        var path = Path.Combine(arguments.GetValue(folder)!, $"{layout.Kind}-search-{(++tried).ToString(CultureInfo.InvariantCulture)}.jsonl");
                        history.Save(path);
                        return Tell(history, path, table) == 0;
                    },
                    seed: arguments.GetValue(seed),
                    iter: arguments.GetValue(count),
                    threads: 1);
            }
            catch (CsCheckException smallest)
            {
                Console.WriteLine(smallest.Message);
            }
            table.Print();
            return table.Violations > 0 ? 1 : 0;
        });
        return command;
    }

    private static Option<string?> Kind(string description, string? otherwise = null)
    {
        var kind = new Option<string?>("--kind") { Description = description, DefaultValueFactory = _ => otherwise };
        kind.AcceptOnlyFromAmong([.. Layout.All.Select(l => l.Kind)]);
        return kind;
    }

    private static Option<string> Folder() =>
        new("--out") { Description = "The folder that histories are written to.", DefaultValueFactory = _ => DefaultFolder };

    /// <summary>Checks a history, and says in one line what it was.</summary>
    /// <returns>How many violations it shows.</returns>
    private static int Tell(History history, string path, Table table)
    {
        var violations = Checker.Check(history);
        Console.WriteLine(table.Add(history, violations));
        foreach (var violation in violations) Console.WriteLine($"    {violation}");
        if (violations.Count > 0) Console.WriteLine($"    {path}");
        return violations.Count;
    }

    /// <summary>A PostgreSQL of this command's own, once one is needed.</summary>
    private sealed class Databases : IAsyncDisposable
    {
        private PrivatePostgres? _server;

        public async Task<PrivatePostgres> GetAsync() => _server ??= await PostgresServer.StartPrivateAsync();

        public async ValueTask DisposeAsync()
        {
            if (_server is not null) await _server.DisposeAsync();
        }
    }
}
