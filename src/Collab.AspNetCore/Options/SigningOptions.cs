namespace Collab.AspNetCore;

/// <summary>Section <c>Collab:Signing</c>. Without a <see cref="Key"/> the server signs nothing.</summary>
public sealed class SigningOptions
{
    /// <summary>
    /// The keys with which critical events are signed, each <c>id:secret</c>: an id of 1 to 32 letters, digits, - and _, and a secret of at
    /// least 32 bytes of UTF-8. The first one signs, all of them verify: put a new one in front, and keep the old ones as long as there are
    /// events that they have signed. All servers need the same. Secrets: keep them out of files that are shared. Default: none.
    /// </summary>
    public IList<string> Key { get; } = [];

    /// <summary>
    /// From when on events are signed (ISO 8601). An event stored later without a signature is then wrong. Default: at once, in each run
    /// with its next event. Where several servers share a store, a time at which all of them have the key.
    /// </summary>
    public DateTimeOffset? StartsAt { get; set; }

    /// <summary>What clients sign.</summary>
    public ClientSigningOptions Clients { get; } = new();

    /// <summary>The keys; null: nothing is signed.</summary>
    internal Collab.Protocol.SigningKeys? Keys() => Key.Count == 0 ? null : new([.. Key]);
}
