namespace Collab.Protocol;

/// <summary>
/// What a user's client has signed an event with that it publishes. A server that demands none, and has no key to look at one with, does
/// not look at it; docs/signing.md says what it is for, docs/protocol.md what is signed.
/// </summary>
/// <param name="Timestamp">
/// When it was signed, Unix milliseconds of the server's clock. The server takes what is not more than a minute from its own time.
/// </param>
/// <param name="Nonce">16 to 64 letters, digits, - and _ that the user's clients have not signed with before.</param>
/// <param name="Value">
/// The signature as base64url without padding: the HMAC-SHA256 under the user's secret, 43 characters, or that of the Ed25519 key which the
/// token names, 86.
/// </param>
public sealed record PublishSignature(long Timestamp, string Nonce, string Value);
