using Collab.AspNetCore.Signatures;
using Xunit;

namespace Collab.UnitTests.Signatures;

/// <summary>A nonce is used once, however few are remembered, and what is remembered is bounded.</summary>
public sealed class NoncesTests
{
    private const long Window = 60_000;
    private const long Start = 1_000_000;

    [Fact]
    public void A_nonce_is_used_once_by_each_user()
    {
        var nonces = new Nonces(Window);

        Assert.Equal(NonceUse.First, nonces.Use("alice", "n", Start, Start));
        Assert.Equal(NonceUse.Again, nonces.Use("alice", "n", Start, Start));
        Assert.Equal(NonceUse.Again, nonces.Use("alice", "n", Start + 5, Start + 5));
        Assert.Equal(NonceUse.First, nonces.Use("bob", "n", Start, Start));
        Assert.Equal(NonceUse.First, nonces.Use("alice", "m", Start, Start));
    }

    [Theory]
    [InlineData(-Window)]
    [InlineData(0)]
    [InlineData(Window)]
    public void It_is_remembered_for_as_long_as_its_signature_would_be_taken(long ahead)
    {
        var nonces = new Nonces(Window);
        nonces.Use("alice", "n", Start + ahead, Start);

        Assert.Equal(NonceUse.Again, nonces.Use("alice", "n", Start + ahead, Start + ahead + Window));
        Assert.Equal(NonceUse.Forgotten, nonces.Use("alice", "n", Start + ahead, Start + ahead + Window + 1));
        Assert.Equal(0, nonces.Count);
        // Also where the clock is set back.
        Assert.Equal(NonceUse.Forgotten, nonces.Use("alice", "n", Start + ahead, Start));
    }

    [Fact]
    public void Past_the_bound_of_a_user_nothing_older_is_taken_and_nothing_twice()
    {
        var nonces = new Nonces(Window, ofUser: 10);
        for (var n = 0; n < 100; n++) Assert.Equal(NonceUse.First, nonces.Use("alice", $"n{n}", Start + n, Start + n));

        Assert.Equal(10, nonces.Count);
        for (var n = 0; n < 100; n++)
            Assert.Equal(n < 90 ? NonceUse.Forgotten : NonceUse.Again, nonces.Use("alice", $"n{n}", Start + n, Start + 100));
        Assert.Equal(NonceUse.First, nonces.Use("bob", "n0", Start, Start + 100));
    }

    [Fact]
    public void Past_the_bound_of_all_who_brings_another_loses_their_own_oldest()
    {
        var nonces = new Nonces(Window, ofUser: 100, ofAll: 50);
        for (var n = 0; n < 40; n++) nonces.Use("alice", $"n{n}", Start + n, Start + n);
        for (var n = 0; n < 1000; n++) nonces.Use("mallory", $"n{n}", Start + n, Start + n);

        Assert.InRange(nonces.Count, 1, 50);
        for (var n = 0; n < 40; n++) Assert.Equal(NonceUse.Again, nonces.Use("alice", $"n{n}", Start + n, Start + 1000));
    }

    [Fact]
    public void Users_of_whom_nothing_is_left_are_forgotten_and_come_back()
    {
        var nonces = new Nonces(Window);
        nonces.Use("alice", "n", Start, Start);
        nonces.Sweep(Start + Window);
        Assert.Equal(NonceUse.Again, nonces.Use("alice", "n", Start, Start + Window));

        nonces.Sweep(Start + Window + 1);
        Assert.Equal(0, nonces.Count);
        Assert.Equal(NonceUse.First, nonces.Use("alice", "m", Start + 200_000, Start + 200_000));
    }

    [Fact]
    public async Task Of_many_who_use_one_at_once_one_does()
    {
        var nonces = new Nonces(Window);

        var uses = await Task.WhenAll(Enumerable.Range(0, 100).Select(i => Task.Run(() =>
        {
            if (i % 10 == 0) nonces.Sweep(Start);
            return nonces.Use("alice", "n", Start, Start);
        })));

        Assert.Single(uses, NonceUse.First);
    }
}
