using System.Buffers.Text;
using System.Security.Cryptography;
using Collab.Protocol;

namespace Collab.Client;

/// <summary>Puts the signatures of a client's user on events that are about to be sent. Used from turns only.</summary>
/// <param name="signer">Null: nothing is signed.</param>
/// <param name="strand">The turns; the application's signer runs outside of them.</param>
/// <param name="now">The server's time, as far as it is known.</param>
internal sealed class PublishSigning(PublishSigner? signer, Strand strand, Func<DateTimeOffset> now)
{
    private const int NonceBytes = 16;

    /// <summary>Whether anything is.</summary>
    public bool IsOn => signer is not null;

    /// <summary>
    /// The same events, which have their message ids, signed with the time of now; as they are where nothing is signed.
    /// </summary>
    /// <exception cref="CollabException"><c>unavailable</c>: the application could not sign one.</exception>
    /// <exception cref="NoAnswerException">It was not waited for.</exception>
    public Task<PublishRequest[]> SignAsync(Guid runId, string userId, PublishRequest[] events, CancellationToken stop) =>
        signer is null ? Task.FromResult(events) : SignAllAsync(signer, runId, userId, events, stop);

    private async Task<PublishRequest[]> SignAllAsync(
        PublishSigner by, Guid runId, string userId, PublishRequest[] events, CancellationToken stop)
    {
        var signed = new PublishRequest[events.Length];
        for (var i = 0; i < signed.Length; i++) signed[i] = await SignAsync(by, runId, userId, events[i], stop);
        return signed;
    }

    private async Task<PublishRequest> SignAsync(
        PublishSigner by, Guid runId, string userId, PublishRequest publish, CancellationToken stop)
    {
        if (publish.EventType == EventTypes.CursorMove) return publish;
        var (timestamp, nonce) = (now().ToUnixTimeMilliseconds(), NewNonce());
        var form = FormOf(runId, userId, publish, timestamp, nonce);
        try
        {
            var signature = await strand.OutsideAsync(() => by.SignAsync(form, userId, stop)).UntilAsync(stop);
            return signature is null
                ? publish
                : publish with { Signature = new(timestamp, nonce, Base64Url.EncodeToString(signature)) };
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            throw new NoAnswerException("The publish was given up before it was signed.");
        }
        catch (Exception e)
        {
            throw new CollabException(CollabErrorCode.Unavailable, $"The publish could not be signed: {e.Message}");
        }
    }

    private static byte[] FormOf(Guid runId, string userId, PublishRequest publish, long timestamp, string nonce)
    {
        var form = CanonicalForm.OfThread();
        var (eventType, data, messageId) = publish;
        form.Write(
            new SignedPublish(runId, userId, eventType, data, messageId.GetValueOrDefault(), publish.BasedOnSequence), timestamp, nonce);
        return form.Written.ToArray();
    }

    private static string NewNonce()
    {
        Span<byte> bytes = stackalloc byte[NonceBytes];
        RandomNumberGenerator.Fill(bytes);
        return Base64Url.EncodeToString(bytes);
    }
}
