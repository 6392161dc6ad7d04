using System.Globalization;
using System.Security.Claims;
using System.Text.Json;
using Collab.AspNetCore.Events;
using Collab.AspNetCore.Refusals;
using Collab.Protocol;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Collab.AspNetCore.Signatures;

/// <summary>What is signed of a publish, and the signature that came with it, if one did.</summary>
internal readonly record struct SentPublish(
    Guid RunId, string EventType, EventData Data, Guid MessageId, long? BasedOn, SentSignature? Signature);

/// <summary>
/// Looks at the signatures with which users' clients sign what they publish. docs/signing.md says what for, docs/protocol.md what is
/// signed.
/// </summary>
internal sealed partial class PublishSignatures
{
    private const long WindowMs = 60_000;

    private readonly bool _isRequired;
    private readonly IClientKeys _keys;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly TokenKeys _tokenKeys = new();
    private readonly Nonces _nonces = new(WindowMs);

    /// <param name="options">Whether publishes must be signed, and what the users' secrets are made of.</param>
    /// <param name="time">The server's time.</param>
    /// <param name="logger">Told of keys that could not be had.</param>
    /// <param name="own">The application's keys; null: it has none of its own.</param>
    public PublishSignatures(
        IOptions<CollabOptions> options, TimeProvider time, ILogger<PublishSignatures> logger, IClientKeys? own = null)
    {
        var clients = options.Value.Signing.Clients;
        (_isRequired, _keys, _time, _logger) = (clients.Required, own ?? new DerivedClientKeys(clients.Secret), time, logger);
        IsOn = _isRequired || own is not null || clients.Secret.Count > 0;
    }

    /// <summary>Whether signatures are looked at.</summary>
    public bool IsOn { get; }

    /// <summary>Lets a publish pass whose signature is right, and one without where none is required.</summary>
    /// <param name="userId">Who publishes.</param>
    /// <param name="user">That user as authenticated.</param>
    /// <param name="publish">What; its data is checked.</param>
    /// <exception cref="RefusedException">
    /// <c>forbidden</c>: it is not signed, or not so that it counts. <c>invalid_event</c>: that is no signature. <c>unavailable</c>: the
    /// application does not tell the user's keys.
    /// </exception>
    public async ValueTask CheckAsync(string userId, ClaimsPrincipal user, SentPublish publish)
    {
        if (publish.EventType == EventTypes.CursorMove) return;
        if (publish.Signature is not { } signature)
        {
            if (_isRequired) throw NotSigned();
            return;
        }
        signature.Check();
        CheckTime(signature.Timestamp, Now());
        if (!IsRight(userId, publish, signature, await KeysAsync(userId, user)))
            throw Forbidden("The signature is not that of this event by this user's key.");
        var now = Now();
        switch (_nonces.Use(userId, signature.Nonce, signature.Timestamp, now))
        {
            case NonceUse.Again:
                throw Forbidden("The nonce of the signature was used before: what is sent again is signed again.");
            case NonceUse.Forgotten:
                throw OfTime("is older than what the server remembers", now);
        }
    }

    /// <summary>Forgets what need not be remembered any more.</summary>
    public void Sweep()
    {
        if (IsOn) _nonces.Sweep(Now());
    }

    private static bool IsRight(string userId, in SentPublish publish, SentSignature signature, IReadOnlyList<ClientKey> candidates)
    {
        using var data = JsonDocument.Parse(publish.Data.Json);
        var form = CanonicalForm.OfThread();
        form.Write(
            new SignedPublish(publish.RunId, userId, publish.EventType, data.RootElement, publish.MessageId, publish.BasedOn),
            signature.Timestamp,
            signature.Nonce);
        foreach (var key in candidates)
        {
            if (key.IsOf(form.Written, signature.Value)) return true;
        }
        return false;
    }

    private static void CheckTime(long timestamp, long now)
    {
        // Not by a difference, which may be more than a long holds.
        if (timestamp < now - WindowMs) throw OfTime("is too old", now);
        if (timestamp > now + WindowMs) throw OfTime("is of a time to come", now);
    }

    private static RefusedException OfTime(string what, long now) =>
        new(CollabErrorCode.Forbidden, string.Create(
            CultureInfo.InvariantCulture,
            $"The signature {what}: its timestamp must be within {WindowMs / 1000} s of the server's time, which is {now}."))
        {
            ServerTimestamp = now,
        };

    private static RefusedException NotSigned() => Forbidden(
        "Publishes are signed here, and this one is not. Signed ones go by PublishBatch of the hub, POST …/events or POST …/events/batch.");

    private static RefusedException Forbidden(string detail) => new(CollabErrorCode.Forbidden, detail);

    private long Now() => _time.GetUtcNow().ToUnixTimeMilliseconds();

    /// <summary>The keys that count: the one that the token names, and no other beside it, else the user's.</summary>
    private async ValueTask<IReadOnlyList<ClientKey>> KeysAsync(string userId, ClaimsPrincipal user)
    {
        var (isNamed, named) = _tokenKeys.Of(user);
        if (named is not null) return [named];
        if (isNamed) throw Forbidden("The token's cnf names no Ed25519 key, so no signature of this user counts.");
        var keys = await AskAsync(userId, user);
        return keys is { Count: > 0 } ? keys : throw Forbidden("There is no key of this user to verify the signature with.");
    }

    private async ValueTask<IReadOnlyList<ClientKey>?> AskAsync(string userId, ClaimsPrincipal user)
    {
        try
        {
            return await _keys.GetAsync(userId, user);
        }
        catch (Exception failure) when (failure is not OutOfMemoryException)
        {
            LogFailed(failure);
            throw new RefusedException(
                CollabErrorCode.Unavailable, "The signature could not be verified. Try again.", TimeSpan.FromSeconds(1));
        }
    }

    [LoggerMessage(LogLevel.Error, "The keys of a user's client could not be had, and a signed publish was refused.")]
    private partial void LogFailed(Exception failure);
}
