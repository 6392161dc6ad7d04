namespace Collab.Hostile.Inputs;

/// <summary>Something that must not come of an input.</summary>
/// <param name="Kind">Of which inputs.</param>
/// <param name="Seed">The seed.</param>
/// <param name="Index">Which one of that seed; -1: of no single one.</param>
/// <param name="What">What came of it.</param>
internal sealed record Finding(string Kind, int Seed, long Index, string What)
{
    public override string ToString() => Index < 0
        ? FormattableString.Invariant($"{Kind}: {What}")
        : FormattableString.Invariant($"{Kind} --seed {Seed} --from {Index} --count 1: {What}");
}
