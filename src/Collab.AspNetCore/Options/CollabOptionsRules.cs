using System.Globalization;
using System.Net;
using System.Text;
using System.Text.RegularExpressions;
using Collab.Protocol;

namespace Collab.AspNetCore;

/// <summary>What must hold between options, beyond each one's own range. Every message starts with the key to change.</summary>
internal static partial class CollabOptionsRules
{
    public const int MinimumKeyBytes = 32;

    /// <summary>In place of an audience: every one will do.</summary>
    public const string AnyAudience = "*";

    public const string EventTypeNameRule =
        "a type's name has the letters A–Z, digits and _, starts with a letter, and is at most 64 long.";

    public static bool IsEventTypeName(string name) => EventTypeName().IsMatch(name);

    public static bool IsBuiltIn(string eventType) => BuiltIn.Contains(eventType);

    public static IEnumerable<string> Check(CollabOptions options)
    {
        if (options.Store.Provider == StoreProvider.Postgres)
        {
            if (string.IsNullOrWhiteSpace(options.Store.ConnectionString))
                yield return "ConnectionStrings:Collab: must be set when Collab:Store:Provider is Postgres.";
            else if (PostgresConnectionString.Check(options.Store.ConnectionString) is { } problem)
                yield return $"ConnectionStrings:Collab: {problem}";
        }
        if (options.Store.Provider == StoreProvider.Sqlite && Directory.Exists(options.Store.Path))
            yield return $"Collab:Store:Path: '{options.Store.Path}' is a folder; it must be a file.";

        foreach (var type in options.Events.Keys)
        {
            if (!IsEventTypeName(type)) yield return $"Collab:Events:{type}: {EventTypeNameRule}";
            else if (IsBuiltIn(type)) yield return $"Collab:Events:{type}: is built in and cannot be changed.";
        }

        if (options.Auth.SigningKey is { } key && Encoding.UTF8.GetByteCount(key) < MinimumKeyBytes)
            yield return $"Collab:Auth:SigningKey: must have at least {MinimumKeyBytes} bytes.";
        if (options.Auth is { SigningKey: not null, Authority: not null })
            yield return "Collab:Auth:SigningKey: cannot be combined with Collab:Auth:Authority; set one of them.";
        if (options.Auth.Audience is { } audience && string.IsNullOrWhiteSpace(audience))
            yield return "Collab:Auth:Audience: must not be empty, for no token would do; leave it out if it is not to be checked.";
        if (options.Auth is { Authority: not null, Audience: null })
        {
            yield return "Collab:Auth:Audience: must be set with Collab:Auth:Authority, which signs tokens for other applications too; "
                + $"'{AnyAudience}' accepts those as well.";
        }
        if (options.Auth.Authority is { } authority && !IsAuthority(authority))
            yield return "Collab:Auth:Authority: must be an https address (http is allowed on loopback only).";

        foreach (var error in CheckSigning(options.Signing)) yield return error;

        foreach (var origin in options.Cors.Origins)
        {
            if (WebOrigin.Normalise(origin) is null)
                yield return $"Collab:Cors:Origins: '{origin}' is not an origin such as https://app.example.com.";
        }
        foreach (var error in CheckProxies(options.Proxies)) yield return error;
    }

    /// <summary>Nothing of a secret is said: what is wrong with a key goes to the log.</summary>
    private static IEnumerable<string> CheckSigning(SigningOptions signing)
    {
        var ids = new HashSet<string>(StringComparer.Ordinal);
        for (var i = 0; i < signing.Key.Count; i++)
        {
            var name = string.Create(CultureInfo.InvariantCulture, $"Collab:Signing:Key:{i}");
            if (SigningKeys.Problem(signing.Key[i]) is { } problem) yield return $"{name}: {problem}";
            else if (!ids.Add(SigningKeys.IdOf(signing.Key[i]))) yield return $"{name}: another key has the same id.";
        }
        if (signing is { StartsAt: not null, Key.Count: 0 })
            yield return "Collab:Signing:StartsAt: says nothing without Collab:Signing:Key.";
        for (var i = 0; i < signing.Clients.Secret.Count; i++)
        {
            if (ClientSecrets.IsTooShort(signing.Clients.Secret[i]))
            {
                yield return string.Create(
                    CultureInfo.InvariantCulture,
                    $"Collab:Signing:Clients:Secret:{i}: must have at least {ClientSecrets.MinimumBytes} bytes.");
            }
        }
    }

    private static IEnumerable<string> CheckProxies(ProxyOptions proxies)
    {
        foreach (var trusted in proxies.Trusted.Where(t => !IPAddress.TryParse(t, out _) && !IPNetwork.TryParse(t, out _)))
            yield return $"Collab:Proxies:Trusted: '{trusted}' is neither an address such as 10.0.0.7 nor a network such as 10.0.0.0/8.";
        if (proxies.PathBase is { } path && (!path.StartsWith('/') || path.EndsWith('/')))
            yield return $"Collab:Proxies:PathBase: '{path}' is not a path such as /collab.";
    }

    private static readonly string[] BuiltIn =
    [
        EventTypes.Graft, EventTypes.Prune, EventTypes.Flag, EventTypes.RunEnd,
        EventTypes.UserJoin, EventTypes.UserLeave, EventTypes.CursorMove,
    ];

    private static bool IsAuthority(string authority) =>
        Uri.TryCreate(authority, UriKind.Absolute, out var uri)
        && (uri.Scheme == Uri.UriSchemeHttps || (uri.Scheme == Uri.UriSchemeHttp && uri.IsLoopback));

    [GeneratedRegex("^[A-Z][A-Z0-9_]{0,63}$", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex EventTypeName();
}
