using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Text;

namespace Collab.AspNetCore.Signatures;

/// <summary>What became of a nonce.</summary>
internal enum NonceUse
{
    /// <summary>It is new, and is used up now.</summary>
    First,

    /// <summary>It was used before.</summary>
    Again,

    /// <summary>It is of a time of which not all are remembered any more.</summary>
    Forgotten,
}

/// <summary>
/// The nonces that each user's clients have signed with, for as long as a signature with one of them would be taken. There is a bound for
/// each user and one for all; past it the oldest of the user who brings another go, and from then on nothing that was signed no later than
/// these: what is not remembered cannot come again.
/// </summary>
/// <param name="windowMs">For how long a signature is taken, before and after its time, milliseconds.</param>
/// <param name="ofUser">How many of one user are remembered.</param>
/// <param name="ofAll">How many of all users together, roughly.</param>
internal sealed class Nonces(long windowMs, int ofUser = 16_384, int ofAll = 1_000_000)
{
    private readonly ConcurrentDictionary<string, UserNonces> _users = new(StringComparer.Ordinal);
    private readonly long _windowMs = windowMs;
    private readonly int _ofUser = ofUser;
    private readonly int _ofAll = ofAll;
    private int _count;

    /// <summary>How many are remembered.</summary>
    public int Count => Volatile.Read(ref _count);

    /// <summary>Uses a nonce of a signature that is right.</summary>
    /// <param name="userId">Whose.</param>
    /// <param name="nonce">The nonce.</param>
    /// <param name="timestamp">When it was signed, Unix milliseconds, within the window.</param>
    /// <param name="now">The time, the same.</param>
    public NonceUse Use(string userId, string nonce, long timestamp, long now)
    {
        // So many bytes of a hash that no user finds two of one, and all are as long.
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(Encoding.UTF8.GetBytes(nonce), hash);
        var id = new UInt128(BitConverter.ToUInt64(hash), BitConverter.ToUInt64(hash[8..]));
        while (true)
        {
            var nonces = _users.GetOrAdd(userId, static (_, owner) => new(owner), this);
            if (nonces.Use(id, timestamp, now) is { } use) return use;
        }
    }

    /// <summary>Forgets users of whom nothing is left to remember.</summary>
    public void Sweep(long now)
    {
        foreach (var (userId, nonces) in _users)
        {
            if (nonces.End(now)) _users.TryRemove(KeyValuePair.Create(userId, nonces));
        }
    }

    private sealed class UserNonces(Nonces owner)
    {
        private readonly Lock _gate = new();
        private readonly HashSet<UInt128> _used = [];
        private readonly Queue<(UInt128 Nonce, long Timestamp)> _order = [];

        /// <summary>Of what was signed no later than this not all is remembered.</summary>
        private long _forgottenTo = long.MinValue;
        private bool _hasEnded;

        /// <returns>Null: it is swept, and another one has its place.</returns>
        public NonceUse? Use(UInt128 nonce, long timestamp, long now)
        {
            lock (_gate)
            {
                if (_hasEnded) return null;
                Expire(now);
                if (timestamp <= _forgottenTo) return NonceUse.Forgotten;
                if (!_used.Add(nonce)) return NonceUse.Again;
                _order.Enqueue((nonce, timestamp));
                Interlocked.Increment(ref owner._count);
                while (_order.Count > 1 && (_order.Count > owner._ofUser || owner.Count > owner._ofAll)) Forget();
                return NonceUse.First;
            }
        }

        public bool End(long now)
        {
            lock (_gate)
            {
                Expire(now);
                return _hasEnded |= _order.Count == 0 && _forgottenTo < now - owner._windowMs;
            }
        }

        private void Expire(long now)
        {
            while (_order.TryPeek(out var oldest) && oldest.Timestamp < now - owner._windowMs) Forget();
        }

        private void Forget()
        {
            var (nonce, timestamp) = _order.Dequeue();
            _used.Remove(nonce);
            _forgottenTo = Math.Max(_forgottenTo, timestamp);
            Interlocked.Decrement(ref owner._count);
        }
    }
}
