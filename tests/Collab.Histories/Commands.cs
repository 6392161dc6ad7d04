using System.CommandLine;
using System.Globalization;
using Collab.Histories.Checking;
using Collab.Histories.Recording;
using Collab.Histories.Running;
using CsCheck;

namespace Collab.Histories;

/// <summary>What can be asked for on the command line.</summary>
internal static class Commands
{
    private static readonly string DefaultFolder = Path.Combine(Path.GetTempPath(), "collab-histories");

    public static RootCommand All() =>
        new("Histories of real servers under faults, checked against what Collab promises.") { Run(), Show(), Check(), Sum(), Search() };

    private static Command Run()
    {
        var (seed, count, size) = (Seed(), Count(), Size());
        var kinds = Kinds();
        var minutes = new Option<double>("--minutes") { Description = "No history is begun after so long.", DefaultValueFactory = _ => double.MaxValue };
        var uses = new Option<int>("--uses")
        {
            Description = "How many histories of a kind, one after the other, have the same servers.",
            DefaultValueFactory = _ => 1,
        };
        var folder = Folder();
        var command = new Command(
            "run", "Makes histories by seed, checks them and writes them down. The same seed makes the same plan. Those that the folder has are only checked.")
        {
            seed, count, size, kinds, minutes, uses, folder,
        };
        command.SetAction(async (arguments, cancellation) =>
        {
            await using var stores = new Stores();
            await using var servers = new Installations(stores, arguments.GetValue(uses));
            var (table, began, failed) = (new Table(), TimeProvider.System.GetTimestamp(), 0);
            foreach (var plan in Plans(arguments.GetValue(kinds), arguments.GetValue(seed), arguments.GetValue(count), arguments.GetValue(size)))
            {
                if (cancellation.IsCancellationRequested || TimeProvider.System.GetElapsedTime(began).TotalMinutes > arguments.GetValue(minutes)) break;
                var small = arguments.GetValue(size) == PlanSize.Small ? "-small" : "";
                var path = Path.Combine(arguments.GetValue(folder)!, $"{plan.Layout.Kind}{small}-{plan.Seed.ToString(CultureInfo.InvariantCulture)}.jsonl");
                if (File.Exists(path))
                {
                    Tell(History.Load(path), path, table);
                    continue;
                }
                try
                {
                    await servers.RunAsync(plan, history =>
                    {
                        history.Save(path);
                        return Tell(history, path, table) == 0;
                    });
                }
                catch (Exception e) when (e is not OutOfMemoryException)
                {
                    // A machine that is too busy to start a server is no violation, but must not go unseen.
                    failed++;
                    Console.WriteLine($"seed {plan.Seed} {plan.Layout.Kind}: it could not be made. {e}");
                }
            }
            table.Print();
            if (failed > 0) Console.WriteLine($"\n{failed} could not be made.");
            return table.Violations + failed > 0 ? 1 : 0;
        });
        return command;
    }

    private static Command Show()
    {
        var (seed, count, size) = (Seed(), Count(), Size());
        var kinds = Kinds();
        var command = new Command("show", "Says what seeds stand for: the installation, and the faults with their begin and length.") { seed, count, size, kinds };
        command.SetAction(arguments =>
        {
            foreach (var plan in Plans(arguments.GetValue(kinds), arguments.GetValue(seed), arguments.GetValue(count), arguments.GetValue(size)))
            {
                var faults = string.Join(' ', plan.Faults.Select(f => $"{Text(f)}{(f.With is { } other ? $" with {Text(other)}" : "")};"));
                Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"seed {plan.Seed,-5} {plan.Layout.Kind,-13} {faults}"));
            }
        });
        return command;

        static string Text(FaultPlan f) => string.Create(CultureInfo.InvariantCulture, $"{f.What}@{f.Server} after {f.AfterMs} ms for {f.ForMs} ms");
    }

    private static Command Check() => Look("check", "Checks histories again: a line for each, and the table.", Tell);

    private static Command Sum() => Look("table", "Checks histories again, and prints the table of all of them, and what is wrong.", (history, path, table) =>
    {
        var violations = Checker.Check(history);
        table.Add(history, violations);
        foreach (var violation in violations) Console.WriteLine($"{path}: {violation}");
        return violations.Count;
    });

    private static Command Look(string name, string description, Func<History, string, Table, int> look)
    {
        var paths = new Argument<string[]>("paths") { Description = "Histories, as `run` wrote them, or folders of them.", Arity = ArgumentArity.OneOrMore };
        var command = new Command(name, description) { paths };
        command.SetAction(arguments =>
        {
            var table = new Table();
            var files = arguments.GetValue(paths)!.SelectMany(IEnumerable<string> (path) => Directory.Exists(path) ? Directory.GetFiles(path, "*.jsonl").Order(StringComparer.Ordinal) : [path]);
            foreach (var path in files) look(History.Load(path), path, table);
            table.Print();
            return table.Violations > 0 ? 1 : 0;
        });
        return command;
    }

    private static Command Search()
    {
        var kind = new Option<string>("--kind") { Description = "The sort of installation.", DefaultValueFactory = _ => Layout.All[0].Kind };
        kind.AcceptOnlyFromAmong([.. Layout.All.Select(l => l.Kind)]);
        var count = new Option<int>("--count") { Description = "How many plans are tried.", DefaultValueFactory = _ => 20 };
        var seed = new Option<string?>("--from") { Description = "Where CsCheck begins, as it printed it." };
        var folder = Folder();
        var command = new Command("search", "Tries plans of CsCheck's choice, and once one fails only smaller ones.") { kind, count, seed, folder };
        command.SetAction(async arguments =>
        {
            await using var stores = new Stores();
            var table = new Table();
            var layout = Layout.All.Single(l => l.Kind == arguments.GetValue(kind));
            var tried = 0;
            try
            {
                await Plan.Generator(layout, runs: 1, steps: 12, minFaults: 0, maxFaults: 2).SampleAsync(
                    async plan =>
                    {
                        var history = await HistoryRun.RunAsync(plan, stores);
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

    /// <summary>Kind by kind, so that the next history can have the servers of the one before.</summary>
    private static IEnumerable<Plan> Plans(string[]? kinds, int seed, int count, PlanSize size)
    {
        IReadOnlyList<string?> wanted = kinds is { Length: > 0 } ? [.. kinds] : [null];
        return wanted.SelectMany(kind => Enumerable.Range(seed, count).Select(n => Plan.Of(n, size, kind)));
    }

    private static Option<int> Seed() => new("--seed") { Description = "The first seed.", DefaultValueFactory = _ => 1 };

    private static Option<int> Count() => new("--count") { Description = "How many seeds, one after the other.", DefaultValueFactory = _ => 1 };

    private static Option<PlanSize> Size() => new("--size")
    {
        Description = "`small`: one run, few steps, one fault or two at once, as in the tests; `usual`: more of all.",
        DefaultValueFactory = _ => PlanSize.Usual,
    };

    private static Option<string[]> Kinds()
    {
        var kinds = new Option<string[]>("--kind")
        {
            Description = "Sorts of installations, so many seeds of each, where the seed is not to choose.",
            AllowMultipleArgumentsPerToken = true,
        };
        kinds.AcceptOnlyFromAmong([.. Layout.All.Select(l => l.Kind)]);
        return kinds;
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
}
