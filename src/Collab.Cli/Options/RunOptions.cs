using System.CommandLine;

namespace Collab.Cli.Options;

/// <summary>What says which run a command is about, and which part of it.</summary>
internal static class RunOptions
{
    public static Argument<Guid> Run() => new("RUN")
    {
        Description = "The run: a UUID.",
        CustomParser = result =>
        {
            var text = result.Tokens[0].Value;
            if (!Guid.TryParse(text, out var run))
                result.AddError($"'{text}' is not a run: a UUID is needed, such as 550e8400-e29b-41d4-a716-446655440000.");
            return run;
        },
    };

    public static Option<long> After() => Number.Option("--after", "N", "Leave out events up to this number.", 0, long.MaxValue);

    public static Option<bool> JsonLines() => new("--json") { Description = "Print each event as one line of JSON." };
}
