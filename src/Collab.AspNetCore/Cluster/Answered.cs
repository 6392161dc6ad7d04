using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace Collab.AspNetCore.Cluster;

/// <summary>What the other servers have answered.</summary>
/// <param name="Answers">Those that did, and their words.</param>
/// <param name="Missing">What those are called that did not.</param>
internal sealed record Answered(IReadOnlyList<(Member Server, byte[] Json)> Answers, IReadOnlyList<string> Missing)
{
    public static readonly Answered ByNobody = new([], []);

    /// <summary>The answers as what they should be. Who has answered something else is missing.</summary>
    public Answered<T> Parse<T>(JsonTypeInfo<T> json, BusMetrics metrics)
        where T : class
    {
        var answers = new List<(Member Server, T Answer)>();
        var missing = Missing.ToList();
        foreach (var (server, word) in Answers)
        {
            if (Read(word, json) is { } answer) answers.Add((server, answer));
            else
            {
                metrics.Rejected();
                missing.Add(server.Vitals.Name);
            }
        }
        return new(answers, missing);
    }

    /// <summary>An answer as what it should be; null: it is something else.</summary>
    public static T? Read<T>(byte[] word, JsonTypeInfo<T> json)
        where T : class
    {
        try
        {
            return JsonSerializer.Deserialize(word, json);
        }
        catch (JsonException)
        {
            return null;
        }
    }
}

/// <summary>The same, understood.</summary>
internal sealed record Answered<T>(IReadOnlyList<(Member Server, T Answer)> Answers, IReadOnlyList<string> Missing)
{
    /// <summary>How many servers there are, this one too.</summary>
    public int Servers => 1 + Answers.Count + Missing.Count;

    /// <summary>All answers, this server's first.</summary>
    public IReadOnlyList<T> With(T own) => [own, .. Answers.Select(a => a.Answer)];
}
