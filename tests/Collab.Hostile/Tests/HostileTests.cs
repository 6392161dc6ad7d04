using Collab.Hostile.Inputs;
using Xunit;

namespace Collab.Hostile.Tests;

/// <summary>A few of each kind; the command tries as many as one likes.</summary>
public sealed class HostileTests
{
    public static TheoryData<string> KindNames => new(Commands.Kinds.Select(k => k.Name));

    [Theory]
    [MemberData(nameof(KindNames))]
    public async Task Nothing_comes_of_hostile_input(string name)
    {
        var (_, share, make) = Commands.Kinds.Single(k => k.Name == name);
        await using var kind = make();
        await kind.StartAsync();

        Assert.Empty(await kind.RunAsync(seed: 1, from: 0, count: share * 5));
    }

    [Fact]
    public void A_seed_always_makes_the_same_inputs()
    {
        Assert.Equal(Made(7), Made(7));
        Assert.NotEqual(Made(7), Made(8));

        static byte[][] Made(int seed)
        {
            var mutator = new Mutator(seed);
            return [.. Enumerable.Range(0, 100).Select(_ => mutator.Mutate(Corpus.Texts("hub.jsonl"), asJson: true))];
        }
    }
}
