using Xunit;

namespace Collab.IntegrationTests;

/// <summary>
/// Tests that run alone, <c>[Collection(Alone.Name)]</c>: those about something that the whole process shares, and those about a stop that may
/// take so long and no longer, which other tests in the process would take their share of.
/// </summary>
[CollectionDefinition(Name, DisableParallelization = true)]
public sealed class Alone
{
    public const string Name = "Alone";
}
