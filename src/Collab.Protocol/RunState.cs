using System.Diagnostics.CodeAnalysis;
using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;

namespace Collab.Protocol;

/// <summary>
/// What all critical events of a run add up to, the trimmed ones included. The highest sequence wins for each step.
/// </summary>
/// <param name="AsOfSequence">The last event that is folded in; 0 before the first.</param>
/// <param name="Grafts">The agent inserted after each step, by step id.</param>
/// <param name="PrunedSteps">The steps that are skipped, in the order in which they were pruned.</param>
/// <param name="Flags">The steps marked for review, by step id.</param>
public sealed record RunState(
    long AsOfSequence,
    IReadOnlyDictionary<string, GraftEntry> Grafts,
    IReadOnlyList<string> PrunedSteps,
    IReadOnlyDictionary<string, FlagEntry> Flags)
{
    private IDictionary<string, JsonElement>? _own;
    private OwnValue[] _values = [];

    /// <summary>The state of a run without events.</summary>
    public static RunState Empty { get; } = new(0, new Dictionary<string, GraftEntry>(), [], new Dictionary<string, FlagEntry>());

    /// <summary>True: a <c>RUN_END</c> is folded in, so the run is closed. Absent where it is false.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public bool Ended { get; init; }

    /// <summary>
    /// The newest event of each type that is configured with <c>LatestBy</c>, by type and by the value of that field. Null, and absent, if
    /// no type is.
    /// </summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public IReadOnlyDictionary<string, IReadOnlyDictionary<string, LatestEntry>>? Latest { get; init; }

    /// <summary>The field that <see cref="Latest"/> goes by, by type. Null, and absent, if no type has one.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public IReadOnlyDictionary<string, string>? LatestBy { get; init; }

    /// <summary>Of this state, where <c>GET …/state</c> has answered it. Null, and absent, elsewhere.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public StateFingerprint? Fingerprint { get; init; }

    /// <summary>The states that the application adds, each under its name. Null if there are none.</summary>
    [JsonExtensionData]
    [SuppressMessage("Usage", "CA2227", Justification = "The serializer sets it.")]
    public IDictionary<string, JsonElement>? Own
    {
        get =>
            _own ??= _values.Length == 0 ? null : _values.ToDictionary(value => value.Name, value => value.Element, StringComparer.Ordinal);
        set => _own = value;
    }

    /// <summary>The states that a fold of this process made; <see cref="Own"/> is their JSON.</summary>
    internal OwnValue[] Values
    {
        init => _values = value;
    }

    /// <summary>A state that the application adds.</summary>
    /// <typeparam name="TState">
    /// As it was added, by the server and where this is a client's live state by <c>CollabClientOptions.AddState</c>.
    /// </typeparam>
    /// <param name="name">Its name.</param>
    /// <returns>The state; the default of its type if there is none of that name.</returns>
    /// <exception cref="JsonException">It is of another type.</exception>
    [RequiresUnreferencedCode("May read the type by reflection. Where code is trimmed, use the overload that takes a JsonTypeInfo.")]
    [RequiresDynamicCode("May read the type by reflection. Where code is compiled ahead, use the overload that takes a JsonTypeInfo.")]
    public TState? Get<TState>(string name)
    {
        if (Array.Find(_values, value => value.Name == name) is OwnValue<TState> live) return live.State;
        return Own is { } own && own.TryGetValue(name, out var json) ? json.Deserialize<TState>(OwnStateJson.Options) : default;
    }

    /// <summary>As <see cref="Get{TState}(string)"/>, without reflection.</summary>
    /// <typeparam name="TState">As it was added.</typeparam>
    /// <param name="name">Its name.</param>
    /// <param name="json">How it is read, as where it was added.</param>
    /// <returns>The state; the default of its type if there is none of that name.</returns>
    /// <exception cref="JsonException">It is of another type.</exception>
    public TState? Get<TState>(string name, JsonTypeInfo<TState> json)
    {
        ArgumentNullException.ThrowIfNull(json);
        if (Array.Find(_values, value => value.Name == name) is OwnValue<TState> live) return live.State;
        return Own is { } own && own.TryGetValue(name, out var element) ? element.Deserialize(json) : default;
    }
}
