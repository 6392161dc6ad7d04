using System.Text;
using Collab.AspNetCore.Events;
using Collab.Protocol;

namespace Collab.AspNetCore.Store;

/// <summary>What the publisher of an append had seen of its run. The append is stored only if its subject was not touched since.</summary>
/// <param name="Sequence">The last event that the publisher had seen; 0: none.</param>
/// <param name="Subject">What it is about.</param>
internal sealed record Basis(long Sequence, Subject Subject)
{
    /// <summary>So many of the events that stand against an append are told, the newest.</summary>
    public const int MostClashes = 10;
}

/// <summary>
/// What an event is about: a step of the pipeline, one value of the field by which a type's newest events are kept, or the whole run.
/// </summary>
internal sealed class Subject
{
    /// <summary>Every event touches it.</summary>
    public static readonly Subject Run = new([], [], value: null);

    private static readonly string[] StepTypes = [EventTypes.Graft, EventTypes.Prune, EventTypes.Flag];
    private static readonly string[] StepFields = ["after", "stepId", "stepId"];

    private Subject(string[] types, string[] fields, string? value) => (Types, Fields, Value) = (types, fields, value);

    /// <summary>The types whose events can touch it. Empty: all.</summary>
    public string[] Types { get; }

    /// <summary>For each of <see cref="Types"/> the field that says what an event of it is about.</summary>
    public string[] Fields { get; }

    /// <summary>What that field says here, as text. Null: nothing is looked at, it is the whole run.</summary>
    public string? Value { get; }

    /// <summary>What an event is about, whose data fits its type.</summary>
    public static Subject Of(EventType type, ReadOnlySpan<byte> data)
    {
        var place = Array.IndexOf(StepTypes, type.Name);
        var field = place < 0 ? type.LatestBy : StepFields[place];
        if (field is null || LatestFold.KeyOf(data, Encoding.UTF8.GetBytes(field)) is not { } value) return Run;
        return place < 0 ? new([type.Name], [field], value) : new(StepTypes, StepFields, value);
    }

    /// <summary>Whether an event touches it.</summary>
    public bool IsOf(string eventType, ReadOnlySpan<byte> data)
    {
        if (Value is null) return true;
        var place = Array.IndexOf(Types, eventType);
        return place >= 0 && LatestFold.KeyOf(data, Encoding.UTF8.GetBytes(Fields[place])) == Value;
    }
}
