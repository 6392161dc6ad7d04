using System.Text.Json;
using System.Text.Json.Nodes;

namespace Collab.UnitTests.Events;

/// <summary>Random JSON, the same for the same seed.</summary>
internal sealed class RandomJson(int seed)
{
    public static readonly JsonSerializerOptions Indented = new() { WriteIndented = true };

    private static readonly string[] Texts = ["", "a", "stepId", "ü", "\ud83d\ude00", "\"", "\\", "\n\t", "<script>", "\u2028", "long long long long long text"];

#pragma warning disable CA5394 // Repeatable on purpose.
    private readonly Random _random = new(seed);

    public int Next(int from, int to) => _random.Next(from, to);

    public JsonObject Object(int depth)
    {
        var made = new JsonObject();
        for (var fields = Next(0, 5); fields > 0; fields--) made[Text() + Next(0, 3)] = Value(depth - 1);
        return made;
    }

    private JsonNode? Value(int depth) => Next(0, depth > 0 ? 8 : 6) switch
    {
        0 => null,
        1 => JsonValue.Create(Next(0, 2) == 0),
        2 => JsonValue.Create(_random.NextInt64()),
        3 => JsonValue.Create((_random.NextDouble() - 0.5) * Math.Pow(10, Next(-300, 300))),
        4 or 5 => JsonValue.Create(Text()),
        6 => Object(depth),
        _ => new JsonArray([.. Enumerable.Range(0, Next(0, 4)).Select(_ => Value(depth - 1))]),
    };
#pragma warning restore CA5394

    private string Text() => Texts[Next(0, Texts.Length)];
}
