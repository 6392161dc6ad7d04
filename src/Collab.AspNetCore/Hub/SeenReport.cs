using System.Text.Json;
using System.Text.Json.Serialization;
using Collab.AspNetCore.Refusals;

namespace Collab.AspNetCore.Hub;

/// <summary>
/// Up to which number a client has applied which runs, the third argument of a ping: <c>{ runId: number }</c>. As they came, in no table: a
/// client could choose ids that fall on one place of it.
/// </summary>
[JsonConverter(typeof(SeenReportConverter))]
internal sealed record SeenReport(IReadOnlyList<(Guid RunId, long Seen)> Runs)
{
    /// <summary>The highest that it says of a run; null: it says nothing of it.</summary>
    public long? Of(Guid runId)
    {
        long? highest = null;
        foreach (var (run, seen) in Runs)
        {
            if (run == runId && !(seen <= highest)) highest = seen;
        }
        return highest;
    }

    /// <exception cref="RefusedException"><c>invalid_event</c>.</exception>
    public void Check()
    {
        if (Runs.Any(run => run.Seen < 0)) throw RefusedException.Invalid("seen: a number must be 0 or more.");
    }
}

internal sealed class SeenReportConverter : JsonConverter<SeenReport>
{
    public override SeenReport Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
    {
        if (reader.TokenType != JsonTokenType.StartObject) throw Unfit();
        var runs = new List<(Guid, long)>();
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            if (!Guid.TryParseExact(reader.GetString(), "D", out var runId) || !reader.Read()) throw Unfit();
            if (reader.TokenType != JsonTokenType.Number || !reader.TryGetInt64(out var seen)) throw Unfit();
            runs.Add((runId, seen));
        }
        return new(runs);
    }

    public override void Write(Utf8JsonWriter writer, SeenReport value, JsonSerializerOptions options) =>
        throw new NotSupportedException("Only clients write this.");

    private static JsonException Unfit() => new("It must be { runId: number }.");
}
