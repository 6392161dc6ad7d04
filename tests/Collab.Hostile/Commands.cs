using System.CommandLine;
using System.Diagnostics;
using Collab.Hostile.Kinds;

namespace Collab.Hostile;

/// <summary>What can be asked for on the command line.</summary>
internal static class Commands
{
    /// <summary>All kinds of inputs, and how many of a thousand are of each.</summary>
    public static IReadOnlyList<(string Name, int Share, Func<Kind> Make)> Kinds { get; } =
    [
        ("parser-json", 230, () => new HubParserKind(isBinary: false)),
        ("parser-messagepack", 230, () => new HubParserKind(isBinary: true)),
        ("hub-json", 40, () => new HubKind(isBinary: false)),
        ("hub-messagepack", 40, () => new HubKind(isBinary: true)),
        ("bus", 200, () => new BusKind(hasKey: false)),
        ("bus-with-key", 80, () => new BusKind(hasKey: true)),
        ("http", 60, () => new HttpKind()),
        ("tokens", 50, () => new TokenKind()),
        ("queue-files", 30, () => new QueueKind()),
        ("event-files", 40, () => new EventFileKind()),
    ];

    public static RootCommand All() => new("Input that no honest peer sends, by seed, to servers and clients that must not mind.") { Run(), Record() };

    private static Command Run()
    {
        var seed = new Option<int>("--seed") { Description = "Decides about all inputs.", DefaultValueFactory = _ => 1 };
        var from = new Option<long>("--from") { Description = "The first input of that seed.", DefaultValueFactory = _ => 0 };
        var count = new Option<long>("--count") { Description = "How many, over all kinds.", DefaultValueFactory = _ => 20_000 };
        var only = new Option<string?>("--kind") { Description = "Only this kind." };
        only.AcceptOnlyFromAmong([.. Kinds.Select(k => k.Name)]);
        var command = new Command("run", "Tries inputs. The same seed makes the same ones.") { seed, from, count, only };
        command.SetAction(async arguments =>
        {
            var wrong = 0;
            foreach (var (name, share, make) in Kinds.Where(k => arguments.GetValue(only) is null || k.Name == arguments.GetValue(only)))
            {
                var all = arguments.GetValue(count);
                var some = arguments.GetValue(only) is null ? all * share / Kinds.Sum(k => k.Share) : all;
                await using var kind = make();
                await kind.StartAsync();
                var watch = Stopwatch.StartNew();
                var findings = await kind.RunAsync(arguments.GetValue(seed), arguments.GetValue(from), some);
                Console.WriteLine(FormattableString.Invariant($"{name}: {some:N0} inputs in {watch.Elapsed.TotalSeconds:0} s, {findings.Count} findings"));
                foreach (var finding in findings) Console.WriteLine($"    {finding}");
                wrong += findings.Count;
            }
            return wrong > 0 ? 1 : 0;
        });
        return command;
    }

    private static Command Record()
    {
        var command = new Command("record-bus", "Writes down what two servers tell each other, for the corpus.");
        command.SetAction(async _ =>
        {
            foreach (var message in await BusKind.RecordAsync()) Console.WriteLine(Convert.ToHexStringLower(message));
        });
        return command;
    }
}
