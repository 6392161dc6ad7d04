using System.Text.Json;

namespace Collab.Histories.Recording;

/// <summary>What clients did and saw, and what became of it.</summary>
internal sealed record History(IReadOnlyList<Entry> Entries)
{
    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web);

    public Setup Setup => Of<Setup>().First();

    public IEnumerable<T> Of<T>()
        where T : Entry => Entries.OfType<T>();

    /// <summary>Reads a file with an entry a line.</summary>
    public static History Load(string path) =>
        new([.. File.ReadLines(path).Where(line => line.Length > 0).Select(line => JsonSerializer.Deserialize<Entry>(line, Json)!)]);

    /// <summary>Writes it with an entry a line.</summary>
    public void Save(string path)
    {
        if (Path.GetDirectoryName(Path.GetFullPath(path)) is { } folder) Directory.CreateDirectory(folder);
        File.WriteAllLines(path, Entries.Select(entry => JsonSerializer.Serialize(entry, Json)));
    }
}
