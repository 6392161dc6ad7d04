using System.Text.Json;
using Collab.AspNetCore.Refusals;
using Collab.Protocol;

namespace Collab.AspNetCore;

/// <summary>What becomes of a publish. The default is <see cref="Allow"/>.</summary>
public readonly struct GuardDecision
{
    private GuardDecision(RefusedException? refusal, byte[]? data) => (Refusal, Data) = (refusal, data);

    /// <summary>It goes on as it is.</summary>
    public static GuardDecision Allow => default;

    internal RefusedException? Refusal { get; }

    internal byte[]? Data { get; }

    /// <summary>It is refused.</summary>
    /// <param name="code">What the client is told. One that can be retried makes it try again.</param>
    /// <param name="sentence">For people, without the code.</param>
    /// <param name="retryAfter">How long to wait before the next try; null: as long as the client thinks right.</param>
    /// <returns>The decision.</returns>
    public static GuardDecision Refuse(CollabErrorCode code, string sentence, TimeSpan? retryAfter = null)
    {
        ArgumentNullException.ThrowIfNull(sentence);
        return new(new(code, sentence, retryAfter), data: null);
    }

    /// <summary>It goes on with other data, which is checked as the data of a client is.</summary>
    /// <param name="data">An object; becomes JSON in camelCase. A <see cref="JsonElement"/> stays as it is.</param>
    /// <returns>The decision.</returns>
    public static GuardDecision Replace(object data)
    {
        ArgumentNullException.ThrowIfNull(data);
        return new(refusal: null, JsonSerializer.SerializeToUtf8Bytes(data, data.GetType(), EventDataJson.Options));
    }
}
