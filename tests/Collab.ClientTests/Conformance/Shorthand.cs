using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Collab.ClientTests.Kit;

namespace Collab.ClientTests.Conformance;

/// <summary>What the scenarios abbreviate.</summary>
internal static partial class Shorthand
{
    /// <summary><c>m1</c> and <c>e1</c> stand for UUIDs; anything else for itself.</summary>
    public static string LongId(string text) => ShortForm().Match(text) is { Success: true } match
        ? $"00000000-0000-{(match.Groups["kind"].Value == "m" ? "7000-8000" : "4000-9000")}-{match.Groups["number"].Value.PadLeft(12, '0')}"
        : text;

    /// <summary>The other way round.</summary>
    public static string? ShortId(string? id) => id is not null && LongForm().Match(id) is { Success: true } match
        ? (match.Groups["kind"].Value == "7000-8000" ? "m" : "e") + match.Groups["number"].Value
        : id;

    /// <summary><c>[1, "3-5"]</c> is 1, 3, 4, 5.</summary>
    public static IEnumerable<long> Numbers(JsonArray list) => list.SelectMany(item => Numbers(item!));

    /// <summary>Events as they go over the wire.</summary>
    public static JsonArray Events(JsonArray? list) => [.. (list ?? []).SelectMany<JsonNode?, JsonNode>(item => item is JsonObject text
        ? [Event(text)]
        : Numbers(item!).Select(UsualEvent))];

    /// <summary>Events that have the ids of publishes.</summary>
    public static JsonArray NamedEvents(JsonArray list)
    {
        var events = Events(list);
        foreach (var e in events) e!["messageId"] = LongId((string?)e["messageId"] ?? "m999");
        return events;
    }

    /// <summary>What a run answers to a join.</summary>
    public static JsonObject Answer(JsonObject? text)
    {
        text ??= [];
        var events = Events(text["events"]?.AsArray());
        var last = text["lastSequence"]?.Deserialize<long>() ?? (long?)events.LastOrDefault()?["sequenceNumber"] ?? 0;
        var answer = new JsonObject
        {
            ["runId"] = OfflineClient.RunId.ToString(),
            ["lastSequence"] = last,
            ["oldestSequence"] = last > 0 ? 1 : 0,
            ["truncated"] = false,
            ["state"] = UsualState(last),
            ["activeUsers"] = new JsonArray(),
            ["cursorPositions"] = new JsonObject(),
        };
        foreach (var (name, value) in text) answer[name] = value?.DeepClone();
        answer["epoch"] = LongId((string?)text["epoch"] ?? "e1");
        answer["events"] = events;
        return answer;
    }

    /// <summary>What the usual events up to a number add up to.</summary>
    public static JsonObject UsualState(long last)
    {
        var flags = new JsonObject();
        if (last > 0) flags["S"] = new JsonObject { ["note"] = $"note {last}", ["userId"] = "bob", ["sequenceNumber"] = last };
        return new JsonObject { ["asOfSequence"] = last, ["grafts"] = new JsonObject(), ["prunedSteps"] = new JsonArray(), ["flags"] = flags };
    }

    private static IEnumerable<long> Numbers(JsonNode item)
    {
        if (item.GetValueKind() == JsonValueKind.Number) return [long.Parse(item.ToJsonString(), CultureInfo.InvariantCulture)];
        var ends = ((string)item!).Split('-').Select(end => long.Parse(end, CultureInfo.InvariantCulture)).ToArray();
        return Enumerable.Range(0, (int)(ends[1] - ends[0] + 1)).Select(i => ends[0] + i);
    }

    private static JsonNode Event(JsonObject text)
    {
        var e = UsualEvent(0);
        e["timestamp"] = 0;
        e["data"] = new JsonObject();
        e["sequenceNumber"] = null;
        foreach (var (name, value) in text) e[name] = value?.DeepClone();
        e["isCritical"] = text.ContainsKey("sequenceNumber");
        return e;
    }

    private static JsonObject UsualEvent(long sequence) => new()
    {
        ["runId"] = OfflineClient.RunId.ToString(),
        ["sequenceNumber"] = sequence,
        ["eventType"] = "FLAG",
        ["userId"] = "bob",
        ["timestamp"] = sequence,
        ["data"] = new JsonObject { ["stepId"] = "S", ["note"] = $"note {sequence}" },
        ["isCritical"] = true,
    };

    [GeneratedRegex(@"^(?<kind>[em])(?<number>\d+)$", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex ShortForm();

    [GeneratedRegex(@"^00000000-0000-(?<kind>7000-8000|4000-9000)-0*(?<number>\d+)$", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex LongForm();
}
