using System.Buffers.Binary;
using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Collab.TestKit;

/// <summary>Signs publishes by hand, rightly and wrongly, so that no library's opinion of a signature is tested against itself.</summary>
/// <param name="userId">Who signs.</param>
/// <param name="sign">Makes the signature of some bytes.</param>
public sealed class TestSigner(string userId, Func<byte[], byte[]> sign)
{
    /// <summary>A signer with a secret.</summary>
    public static TestSigner Hmac(string userId, string secret) => new(userId, form => HMACSHA256.HashData(Encoding.UTF8.GetBytes(secret), form));

    /// <summary>A signer with the secret that a user has by that of the servers.</summary>
    public static TestSigner Derived(string userId, string root) => Hmac(userId, SecretOf(userId, root));

    /// <summary>The secret of a user.</summary>
    public static string SecretOf(string userId, string root)
    {
        var form = Form(JsonSerializer.SerializeToElement("collab.client.1")) + Form(JsonSerializer.SerializeToElement(new { userId }));
        return Base64Url.EncodeToString(HMACSHA256.HashData(Encoding.UTF8.GetBytes(root), Encoding.UTF8.GetBytes(form)));
    }

    /// <summary>A signed FLAG, as it goes over the wire.</summary>
    public JsonObject Flag(Guid runId, string note, long? timestamp = null) => Sign(runId, "FLAG", new { stepId = "PM", note }, timestamp: timestamp);

    /// <summary>A signed event, as it goes over the wire.</summary>
    public JsonObject Sign(
        Guid runId, string eventType, object data, Guid? messageId = null, long? basedOnSequence = null, long? timestamp = null, string? nonce = null)
    {
        var id = messageId ?? Guid.NewGuid();
        timestamp ??= TimeProvider.System.GetUtcNow().ToUnixTimeMilliseconds();
        nonce ??= Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(16));
        var form = Form(JsonSerializer.SerializeToElement("collab.publish.1"))
            + Form(JsonSerializer.SerializeToElement(new { basedOnSequence, data, eventType, messageId = id, nonce, runId, timestamp, userId }));
        var value = Base64Url.EncodeToString(sign(Encoding.UTF8.GetBytes(form)));
        return (JsonObject)JsonSerializer.SerializeToNode(new { eventType, data, messageId = id, basedOnSequence, signature = new { timestamp, nonce, value } })!;
    }

    private static string Form(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.Object => $"{{{string.Concat(value.EnumerateObject().OrderBy(p => p.Name, StringComparer.Ordinal).Select(p => Text(p.Name) + Form(p.Value)))}}}",
        JsonValueKind.Array => $"[{string.Concat(value.EnumerateArray().Select(Form))}]",
        JsonValueKind.String => Text(value.GetString()!),
        JsonValueKind.Number => $"d{Number(value.GetDouble())}",
        JsonValueKind.Null => "n",
        var kind => kind == JsonValueKind.True ? "t" : "f",
    };

    private static string Text(string text) => string.Create(null, $"s{Encoding.UTF8.GetByteCount(text)}:{text}");

    private static string Number(double number)
    {
        var bytes = new byte[8];
        BinaryPrimitives.WriteDoubleBigEndian(bytes, number == 0 ? 0 : number);
        return Convert.ToHexStringLower(bytes);
    }
}
