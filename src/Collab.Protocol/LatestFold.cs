using System.Globalization;
using System.Text;
using System.Text.Json;

namespace Collab.Protocol;

/// <summary>Keeps the newest event of one type per value of one field of its data. Every client has the same rule.</summary>
/// <param name="name">The field.</param>
/// <param name="start">What is kept already.</param>
internal sealed class LatestFold(string name, IReadOnlyDictionary<string, LatestEntry>? start)
{
    /// <summary>Beyond it JavaScript has no whole numbers.</summary>
    private const double MaxWhole = 9_007_199_254_740_991;

    private static readonly Dictionary<string, LatestEntry> Nothing = [];

    private readonly byte[] _name = Encoding.UTF8.GetBytes(name);
    private readonly StepMap<LatestEntry> _entries = new(start ?? Nothing, e => e.SequenceNumber, e => e.UserId.Length + LengthOf(e.Data));

    public string Field { get; } = name;

    public IReadOnlyDictionary<string, LatestEntry> Entries => _entries.Steps;

    /// <summary>The same, and it never changes.</summary>
    public IReadOnlyDictionary<string, LatestEntry> Copy => _entries.Copy;

    public void Apply(long sequence, string userId, ReadOnlySpan<byte> data)
    {
        if (KeyOf(data, _name) is { } key) _entries.Put(key, new(JsonElement.Parse(data), userId, sequence));
    }

    /// <summary>
    /// Text as it is, a whole number in digits, <c>true</c> or <c>false</c>; of other values, and without one, no event is kept.
    /// </summary>
    public static string? KeyOf(ReadOnlySpan<byte> data, byte[] name) => JsonFields.Find(data, name, out var value) switch
    {
        JsonTokenType.String => value.GetString(),
        JsonTokenType.True => "true",
        JsonTokenType.False => "false",
        JsonTokenType.Number when value.TryGetDouble(out var number) && double.IsInteger(number) && Math.Abs(number) <= MaxWhole =>
            ((long)number).ToString(CultureInfo.InvariantCulture),
        _ => null,
    };

    /// <summary>
    /// About the length of the JSON, counted so that the order of fields, the form of numbers and fields that are there twice make no
    /// difference: a store may change those, and JavaScript does.
    /// </summary>
    private static int LengthOf(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.String => 2 + value.GetString()!.Length,
        JsonValueKind.Array => 2 + value.EnumerateArray().Sum(element => 1 + LengthOf(element)),
        JsonValueKind.Object => 2 + LengthOfFields(value),
        _ => 8,
    };

    private static int LengthOfFields(JsonElement value)
    {
        var lengths = new Dictionary<string, int>(StringComparer.Ordinal);
        foreach (var one in value.EnumerateObject()) lengths[one.Name] = 4 + one.Name.Length + LengthOf(one.Value);
        return lengths.Values.Sum();
    }
}
