using System.Collections.Concurrent;
using System.Security.Claims;
using Microsoft.AspNetCore.Authentication.JwtBearer;

namespace Collab.AspNetCore.Security;

/// <summary>
/// Tokens whose signature was checked a moment ago. A client that polls sends the same one again and again, and checking it takes longer than
/// answering. Never kept beyond its own end; a key that is withdrawn takes up to <see cref="KeptFor"/> to be noticed.
/// </summary>
internal sealed class CheckedTokens(TimeProvider time)
{
    private const int Capacity = 4096;
    private const int MaxTokenLength = 4096;
    private static readonly TimeSpan KeptFor = TimeSpan.FromMinutes(1);

    private readonly ConcurrentDictionary<string, CheckedToken> _tokens = new(StringComparer.Ordinal);
    private int _count;

    /// <summary>Lets a request in whose token is known.</summary>
    public void Recognise(MessageReceivedContext context, string token)
    {
        if (!_tokens.TryGetValue(token, out var known)) return;
        var now = time.GetUtcNow();
        if (now >= known.Until)
        {
            if (_tokens.TryRemove(KeyValuePair.Create(token, known))) Interlocked.Decrement(ref _count);
            return;
        }
        context.Principal = known.Principal;
        context.Properties.ExpiresUtc = known.ExpiresAt;
        context.Success();
    }

    /// <summary>A token was found to be good.</summary>
    public void Remember(string token, ClaimsPrincipal principal, DateTimeOffset expiresAt)
    {
        var until = time.GetUtcNow() + KeptFor;
        if (token.Length > MaxTokenLength || !_tokens.TryAdd(token, new(principal, expiresAt, until < expiresAt ? until : expiresAt))) return;
        if (Interlocked.Increment(ref _count) <= Capacity) return;
        // Whoever is still there is checked once more; an order of use would cost every request.
        _tokens.Clear();
        Interlocked.Exchange(ref _count, 0);
    }

    private sealed record CheckedToken(ClaimsPrincipal Principal, DateTimeOffset ExpiresAt, DateTimeOffset Until);
}
