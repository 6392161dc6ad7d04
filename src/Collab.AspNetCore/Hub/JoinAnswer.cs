using System.Text.Json;
using System.Text.Json.Serialization;
using Collab.AspNetCore.FanOut;

namespace Collab.AspNetCore.Hub;

/// <summary>
/// The answer to a join (<see cref="Protocol.JoinResult"/> on the wire), the subscriber that begins once it is written, and the room that
/// it takes until it is sent.
/// </summary>
[JsonConverter(typeof(JoinAnswerConverter))]
internal sealed record JoinAnswer(RunView View, HubSubscriber Subscriber, IDisposable Room);

internal sealed class JoinAnswerConverter : JsonConverter<JoinAnswer>
{
    public override JoinAnswer Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
        throw new NotSupportedException("Only the server writes this.");

    public override void Write(Utf8JsonWriter writer, JoinAnswer value, JsonSerializerOptions options)
    {
        writer.WriteStartObject();
        RunViewJson.WriteLog(writer, value.View);
        writer.WriteBoolean("truncated"u8, value.View.Truncated);
        writer.WritePropertyName("state"u8);
        writer.WriteRawValue(value.View.State, skipInputValidation: true);
        RunViewJson.WriteFold(writer, value.View);
        RunViewJson.WritePresence(writer, value.View);
        writer.WriteEndObject();
    }
}
