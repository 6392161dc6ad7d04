using System.Security.Cryptography;
using System.Text;

namespace Collab.AspNetCore.Limits;

/// <summary>
/// How many connections each user has: on this server, and, where there are others and they can be heard, on those. What they tell is an
/// addition that a look-up makes: nobody waits for it.
/// </summary>
internal sealed class ConnectionCounts
{
    private readonly Lock _gate = new();
    private readonly Dictionary<string, int> _own = new(StringComparer.Ordinal);

    /// <summary>Whose number is another than it was when the changes were taken last; null: nobody asks.</summary>
    private HashSet<string>? _changed;

    /// <summary>How many connections a user has elsewhere; null: there is no elsewhere.</summary>
    public Func<string, int>? Elsewhere { get; set; }

    public int Of(string userId)
    {
        lock (_gate) return Count(userId);
    }

    /// <summary>Counts one more, unless a user has so many already.</summary>
    /// <param name="userId">Whose it is.</param>
    /// <param name="most">How many there may be; 0: any number.</param>
    public bool TryAdd(string userId, int most)
    {
        lock (_gate)
        {
            if (most > 0 && Count(userId) >= most) return false;
            Change(userId, by: 1);
            return true;
        }
    }

    public void Remove(string userId)
    {
        lock (_gate) Change(userId, by: -1);
    }

    /// <summary>From now on changes are noted.</summary>
    public void Watch()
    {
        lock (_gate) _changed ??= new(StringComparer.Ordinal);
    }

    /// <summary>Whose number has changed since the last time, and what it is now.</summary>
    public (long Key, int Count)[] TakeChanged()
    {
        lock (_gate)
        {
            if (_changed is not { Count: > 0 }) return [];
            (long, int)[] changed = [.. _changed.Select(user => (KeyOf(user), _own.GetValueOrDefault(user)))];
            _changed.Clear();
            return changed;
        }
    }

    /// <summary>The numbers of all users that have any.</summary>
    public (long Key, int Count)[] All()
    {
        lock (_gate) return [.. _own.Select(user => (KeyOf(user.Key), user.Value))];
    }

    /// <summary>What servers call a user among themselves: short, and nobody's name. The same on each of them.</summary>
    public static long KeyOf(string userId)
    {
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(Encoding.UTF8.GetBytes(userId), hash);
        return System.Buffers.Binary.BinaryPrimitives.ReadInt64LittleEndian(hash);
    }

    private int Count(string userId) => _own.GetValueOrDefault(userId) + (Elsewhere?.Invoke(userId) ?? 0);

    private void Change(string userId, int by)
    {
        var count = _own.GetValueOrDefault(userId) + by;
        if (count == 0) _own.Remove(userId);
        else _own[userId] = count;
        _changed?.Add(userId);
    }
}
