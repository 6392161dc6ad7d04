using System.Collections.Concurrent;
using System.Security.Claims;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;

namespace Collab.AspNetCore.Security;

/// <summary>
/// Validates tokens, and knows again for a moment those whose signature, issuer and audience were good. A client that polls sends the same
/// one again and again, and checking it takes longer than answering. Never known beyond its own end; a key that is withdrawn takes up to
/// <see cref="KeptFor"/> to be noticed. It says that a token is genuine, not that it is let in: that is asked for each request, of the
/// application's <c>OnTokenValidated</c> too.
/// </summary>
internal sealed class CheckedTokens(TimeProvider time) : JsonWebTokenHandler
{
    private const int Capacity = 4096;
    private const int MaxTokenLength = 4096;
    private static readonly TimeSpan KeptFor = TimeSpan.FromMinutes(1);

    private readonly ConcurrentDictionary<string, CheckedToken> _tokens = new(StringComparer.Ordinal);
    private int _count;

    public override async Task<TokenValidationResult> ValidateTokenAsync(string token, TokenValidationParameters validationParameters)
    {
        if (Find(token) is { } known) return known.ToResult();
        var result = await base.ValidateTokenAsync(token, validationParameters);
        if (!result.IsValid) return result;
        var good = new CheckedToken(result.SecurityToken, result.ClaimsIdentity);
        Remember(token, good);
        return good.ToResult();
    }

    private CheckedToken? Find(string token)
    {
        if (!_tokens.TryGetValue(token, out var known)) return null;
        // A token's end is a time of day; how long it is known is not, and must not last longer because a clock was set back.
        if (time.GetElapsedTime(known.CheckedAt) < KeptFor && time.GetUtcNow() < known.Ends) return known;
        if (_tokens.TryRemove(KeyValuePair.Create(token, known))) Interlocked.Decrement(ref _count);
        return null;
    }

    private void Remember(string token, CheckedToken good)
    {
        good.CheckedAt = time.GetTimestamp();
        if (token.Length > MaxTokenLength || good.Ends <= time.GetUtcNow() || !_tokens.TryAdd(token, good)) return;
        if (Interlocked.Increment(ref _count) <= Capacity) return;
        // A token that is still in use is checked once more; an order of use would cost every request.
        _tokens.Clear();
        Interlocked.Exchange(ref _count, 0);
    }

    /// <summary>
    /// A good token. Its claims are kept without the identity, which would hold on to all of the token for as long as a connection lasts.
    /// </summary>
    private sealed class CheckedToken(SecurityToken token, ClaimsIdentity identity)
    {
        private readonly Claim[] _claims = [.. identity.Claims.Select(c => new Claim(c.Type, c.Value, c.ValueType))];
        private readonly (string? Type, string Name, string Role) _kinds =
            (identity.AuthenticationType, identity.NameClaimType, identity.RoleClaimType);

        public SecurityToken Token { get; } = token;

        /// <summary>By the monotonic clock.</summary>
        public long CheckedAt { get; set; }

        public DateTimeOffset Ends { get; } = new(token.ValidTo, TimeSpan.Zero);

        /// <summary>With an identity of its own for each request: the application may add to it.</summary>
        public TokenValidationResult ToResult() => new()
        {
            IsValid = true,
            SecurityToken = Token,
            ClaimsIdentity = new(_claims, _kinds.Type, _kinds.Name, _kinds.Role),
        };
    }
}
