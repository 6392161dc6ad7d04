using System.Text.Json;
using Collab.TestKit;
using YamlDotNet.Core;
using YamlDotNet.Serialization;

namespace Collab.OperationsTests;

/// <summary>The files that servers are run with.</summary>
internal static class OperationsFiles
{
    /// <summary>The full path of a file or folder of the repository.</summary>
    public static string PathOf(string path) => Path.Combine(Repository.Root, path);

    /// <summary>A file's text.</summary>
    public static string Read(string path) => File.ReadAllText(PathOf(path));

    /// <summary>A YAML file as JSON, in which every scalar is a string; anchors and <c>&lt;&lt;</c> are resolved.</summary>
    public static JsonElement ReadYaml(string path) => ParseYaml(Read(path));

    /// <summary>The documents of a YAML file, between which there are lines of three dashes.</summary>
    public static JsonElement[] ReadYamls(string path) => [.. Read(path).Split("\n---\n").Select(ParseYaml)];

    /// <summary>The rules of <c>alerts.yml</c>.</summary>
    public static JsonElement[] Alerts() =>
        [.. ReadYaml("infra/prometheus/alerts.yml").GetProperty("groups").EnumerateArray().SelectMany(g => g.GetProperty("rules").EnumerateArray())];

    /// <summary>A text property; null if it is missing.</summary>
    public static string? Text(this JsonElement json, string name) => json.TryGetProperty(name, out var value) ? value.GetString() : null;

    /// <summary>The elements of a list of texts; none if it is missing.</summary>
    public static string[] Texts(this JsonElement json, string name) =>
        json.TryGetProperty(name, out var list) ? [.. list.EnumerateArray().Select(item => item.GetString()!)] : [];

    private static JsonElement ParseYaml(string text)
    {
        using var reader = new StringReader(text);
        var yaml = new DeserializerBuilder().Build().Deserialize<object>(new MergingParser(new Parser(reader)));
        return JsonElement.Parse(new SerializerBuilder().JsonCompatible().Build().Serialize(yaml));
    }
}
