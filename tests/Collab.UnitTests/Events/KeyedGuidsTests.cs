using Collab.AspNetCore.Events;
using Xunit;

namespace Collab.UnitTests.Events;

/// <summary>Ids that a client makes so that their hashes are the same are spread over a dictionary all the same.</summary>
public sealed class KeyedGuidsTests
{
    /// <summary>A Guid's own hash is the exclusive or of its four parts: the same change in two of them goes unseen.</summary>
    private static readonly Guid[] Colliding = [.. Enumerable.Range(0, 10_000).Select(n => new Guid(n, 0, 0, BitConverter.GetBytes((long)n)))];

    [Fact]
    public void Ids_with_one_hash_get_many()
    {
        Assert.Single(Colliding.Select(id => id.GetHashCode()).Distinct());

        Assert.InRange(Colliding.Select(KeyedGuids.Instance.GetHashCode).Distinct().Count(), 9_900, 10_000);
        Assert.InRange(Colliding.Select(id => KeyedGuids.Instance.GetHashCode((id, Guid.Empty))).Distinct().Count(), 9_900, 10_000);
        Assert.InRange(Colliding.Select(id => KeyedGuids.Instance.GetHashCode((Guid.Empty, id))).Distinct().Count(), 9_900, 10_000);
        Assert.InRange(Colliding.Select(id => KeyedGuids.Instance.GetHashCode(("mallory", id))).Distinct().Count(), 9_900, 10_000);
    }

    [Fact]
    public void They_are_shared_out_over_two_places_about_evenly() =>
        Assert.InRange(Colliding.Count(id => (uint)KeyedGuids.Hash(id) % 2 == 0), 4_000, 6_000);

    [Fact]
    public void Equal_is_what_is_equal()
    {
        var (one, other) = (Guid.NewGuid(), Guid.NewGuid());
        var keyed = KeyedGuids.Instance;
        Assert.True(keyed.Equals(one, one) && keyed.GetHashCode(one) == keyed.GetHashCode(new Guid(one.ToByteArray())));
        Assert.False(keyed.Equals(one, other));
        Assert.True(keyed.Equals((one, other), (one, other)));
        Assert.False(keyed.Equals((one, other), (other, one)));
        Assert.True(keyed.Equals(("a", one), ("a", one)));
        Assert.False(keyed.Equals(("a", one), ("A", one)));
    }
}
