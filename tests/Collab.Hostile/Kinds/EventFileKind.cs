using Collab.Cli;
using Collab.Cli.Publish;
using Collab.Hostile.Inputs;

namespace Collab.Hostile.Kinds;

/// <summary>Files of events that <c>collab publish</c> reads: they are read, or refused with a sentence.</summary>
internal sealed class EventFileKind : Kind
{
    private static readonly IReadOnlyList<byte[]> Lines = Corpus.Texts("events.jsonl");

    public override string Name => "event-files";

    protected override int Workers => 2;

    protected override Task TryAsync(long first, int count)
    {
        for (var index = first; index < first + count; index++)
        {
            var mutator = MutatorOf(index);
            byte[] file = [.. Enumerable.Range(0, mutator.Random.Next(1, 4)).SelectMany(_ => (byte[])[.. mutator.Mutate(Lines, asJson: true), (byte)'\n'])];
            if (mutator.Chance(0.2)) file = mutator.ChangeBytes(file, Lines);
            try
            {
                _ = EventFile.Parse(file, Guid.Empty, "batch");
            }
            catch (UsageException)
            {
                // As it should be.
            }
            catch (Exception e)
            {
                Found(index, e.ToString());
            }
        }
        return Task.CompletedTask;
    }
}
