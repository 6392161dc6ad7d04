namespace Collab.AspNetCore;

/// <summary>
/// Section <c>Collab:Signing:Clients</c>: what users publish may be signed by their clients. What comes from inside the server, by
/// <see cref="ICollab"/> and the outbox, never is. By default nothing is looked at.
/// </summary>
public sealed class ClientSigningOptions
{
    /// <summary>
    /// Whether what comes over hub and HTTP must be signed: what is not is <c>forbidden</c>. Cursor moves are not signed. Default: false;
    /// where there is a <see cref="Secret"/>, or keys of the application's own (<see cref="IClientKeys"/>), a signature that comes all the
    /// same must be right.
    /// </summary>
    public bool Required { get; set; }

    /// <summary>
    /// The secrets of which each user's own is made (<see cref="Collab.Protocol.ClientSecrets"/>), of at least 32 bytes of UTF-8 each. All
    /// of them verify: put a new one in front, and keep the old one until every client has its new secret. All servers need the same.
    /// Secrets: keep them out of files that are shared. Default: none; tokens may name an Ed25519 key all the same, in the claim
    /// <c>cnf</c>.
    /// </summary>
    public IList<string> Secret { get; } = [];
}
