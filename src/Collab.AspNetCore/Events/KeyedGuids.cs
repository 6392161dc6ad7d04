using System.Runtime.InteropServices;

namespace Collab.AspNetCore.Events;

/// <summary>
/// Compares ids that clients choose. A Guid's own hash is the same everywhere, so that ids can be made which all fall into one place; this
/// one has the process's secret in it, as the hash of a string has.
/// </summary>
internal sealed class KeyedGuids : IEqualityComparer<Guid>, IEqualityComparer<(Guid, Guid)>, IEqualityComparer<(string, Guid)>
{
    public static KeyedGuids Instance { get; } = new();

    public static int Hash(Guid id) =>
        string.GetHashCode(MemoryMarshal.Cast<Guid, char>(new ReadOnlySpan<Guid>(in id)), StringComparison.Ordinal);

    public bool Equals(Guid x, Guid y) => x == y;

    public int GetHashCode(Guid id) => Hash(id);

    public bool Equals((Guid, Guid) x, (Guid, Guid) y) => x == y;

    public int GetHashCode((Guid, Guid) ids)
    {
        ReadOnlySpan<Guid> both = [ids.Item1, ids.Item2];
        return string.GetHashCode(MemoryMarshal.Cast<Guid, char>(both), StringComparison.Ordinal);
    }

    public bool Equals((string, Guid) x, (string, Guid) y) =>
        x.Item2 == y.Item2 && string.Equals(x.Item1, y.Item1, StringComparison.Ordinal);

    public int GetHashCode((string, Guid) key) =>
        HashCode.Combine(string.GetHashCode(key.Item1, StringComparison.Ordinal), Hash(key.Item2));
}
