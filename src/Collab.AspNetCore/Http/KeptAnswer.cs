using System.Buffers;
using System.Globalization;
using System.Security.Cryptography;
using System.Text.Json;
using Collab.AspNetCore.FanOut;
using Collab.Protocol;
using Microsoft.AspNetCore.Http;
using Microsoft.Net.Http.Headers;

namespace Collab.AspNetCore.Http;

/// <summary>
/// An answer about a run that has ended, or about its past. It stays as it is until the run is erased, so a client may keep it, and ask
/// each time whether it still holds: whether that one may still read the run, and whether the run is still there, is for the server to say.
/// </summary>
/// <param name="answer">The answer.</param>
/// <param name="tag">What it is known by: another one where any byte of it may be another.</param>
internal sealed class KeptAnswer(IResult answer, string tag) : IResult
{
    /// <summary>
    /// The answer to a poll; in it are those who are there, who come and go, and one of the fingerprints that are known.
    /// </summary>
    public static IResult Of(PollAnswer answer, RunView view)
    {
        if (!view.HasEnded) return answer;
        var varying = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(varying, RawJson.Options))
        {
            json.WriteStartObject();
            RunViewJson.WriteFold(json, view);
            RunViewJson.WritePresence(json, view);
            json.WriteEndObject();
        }
        return new KeptAnswer(answer, $"{TagOf(view)}-{HashOf(varying.WrittenSpan)}");
    }

    /// <summary>The answer to a replay.</summary>
    public static IResult Of(ReplayAnswer answer, RunView view) => view.HasEnded ? new KeptAnswer(answer, TagOf(view)) : answer;

    /// <summary>A state, which an application may fold in another way tomorrow.</summary>
    /// <param name="state">As JSON.</param>
    /// <param name="fingerprint">What it comes to; asked only where the state is sent.</param>
    /// <param name="isFinal">No event will change it.</param>
    public static IResult OfState(byte[] state, Func<StateFingerprint> fingerprint, bool isFinal)
    {
        var answer = new RawJson(json =>
        {
            json.WriteStartObject();
            json.WriteRawValue(state.AsSpan(1, state.Length - 2), skipInputValidation: true);
            RunViewJson.WriteFingerprint(json, fingerprint());
            json.WriteEndObject();
        });
        return isFinal ? new KeptAnswer(answer, HashOf(state)) : answer;
    }

    public Task ExecuteAsync(HttpContext httpContext)
    {
        var mine = new EntityTagHeaderValue($"\"{tag}\"");
        httpContext.Response.Headers.ETag = mine.ToString();
        httpContext.Response.Headers.CacheControl = "private, no-cache";
        if (!IsKnown(httpContext.Request, mine)) return answer.ExecuteAsync(httpContext);
        httpContext.Response.StatusCode = StatusCodes.Status304NotModified;
        return Task.CompletedTask;
    }

    private static bool IsKnown(HttpRequest request, EntityTagHeaderValue mine) =>
        request.GetTypedHeaders().IfNoneMatch
            .Any(tag => tag.Equals(EntityTagHeaderValue.Any) || tag.Compare(mine, useStrongComparison: false));

    private static string TagOf(RunView view) =>
        string.Create(CultureInfo.InvariantCulture, $"{view.Epoch:N}-{view.LastSequence}-{view.OldestSequence}");

    private static string HashOf(ReadOnlySpan<byte> bytes) => Convert.ToHexStringLower(SHA256.HashData(bytes).AsSpan(0, 16));
}
