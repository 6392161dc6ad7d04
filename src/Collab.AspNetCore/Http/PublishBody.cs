using System.Text.Json;
using System.Text.Json.Serialization;
using Collab.AspNetCore.Events;
using Collab.AspNetCore.Refusals;
using Collab.AspNetCore.RunLog;
using Collab.AspNetCore.Signatures;
using Collab.Protocol;
using Microsoft.AspNetCore.Http;

namespace Collab.AspNetCore.Http;

/// <summary>The body of a publish over HTTP, <see cref="PublishRequest"/> on the wire.</summary>
internal sealed record PublishBody(string? EventType, EventData? Data, string? MessageId, long? BasedOnSequence, SentSignature? Signature)
{
    /// <exception cref="RefusedException"><c>payload_too_large</c>, or <c>invalid_event</c>: not the JSON that is expected.</exception>
    public static ValueTask<PublishBody> ReadAsync(HttpRequest request) =>
        JsonBody.ReadAsync(request, PublishBodyJson.Default.PublishBody, "{ eventType, data, messageId, basedOnSequence, signature }");
}

/// <summary>The body of a batch over HTTP, <see cref="PublishBatchRequest"/> on the wire.</summary>
internal sealed record BatchBody(BatchEvents? Events, bool? Atomic)
{
    /// <exception cref="RefusedException"><c>payload_too_large</c>, or <c>invalid_event</c>: not the JSON that is expected.</exception>
    public static ValueTask<BatchBody> ReadAsync(HttpRequest request) =>
        JsonBody.ReadAsync(
            request,
            PublishBodyJson.Default.BatchBody,
            "{ events: [{ eventType, data, messageId, basedOnSequence, signature }], atomic }");
}

[JsonSourceGenerationOptions(JsonSerializerDefaults.Web, RespectNullableAnnotations = false)]
[JsonSerializable(typeof(PublishBody))]
[JsonSerializable(typeof(BatchBody))]
internal sealed partial class PublishBodyJson : JsonSerializerContext;
