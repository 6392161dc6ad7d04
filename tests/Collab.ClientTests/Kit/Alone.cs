using Xunit;

namespace Collab.ClientTests.Kit;

/// <summary>Tests that count what is left in the whole process, and so run alone: <c>[Collection(Alone.Name)]</c>.</summary>
[CollectionDefinition(Name, DisableParallelization = true)]
public sealed class Alone
{
    public const string Name = "Alone";
}
