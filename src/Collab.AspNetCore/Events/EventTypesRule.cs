using System.Text.Json.Serialization.Metadata;
using Collab.Protocol;
using Microsoft.Extensions.Options;

namespace Collab.AspNetCore.Events;

/// <summary>Every type of event and every state has a name of its own, and every type of data belongs to one type of event.</summary>
internal sealed class EventTypesRule(IEnumerable<EventType> added, IEnumerable<OwnState> states) : IValidateOptions<CollabOptions>
{
    public ValidateOptionsResult Validate(string? name, CollabOptions options)
    {
        var errors = Check(options).Concat(CheckLatest(options)).Concat(StateShape.Check([.. states.Select(state => state.Name)])).ToList();
        return errors.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(errors);
    }

    private IEnumerable<string> Check(CollabOptions options)
    {
        foreach (var type in added.Where(t => !CollabOptionsRules.IsEventTypeName(t.Name)))
            yield return $"AddEvent: '{type.Name}' is no name for a type of event. {CollabOptionsRules.EventTypeNameRule}";
        foreach (var twice in added.GroupBy(t => t.Name, StringComparer.Ordinal).Where(g => g.Count() > 1))
            yield return $"AddEvent: {twice.Key} is there twice, or built in. Each type of event has a name of its own.";
        foreach (var type in added.Where(t =>
            t.Data is not null && options.Events.ContainsKey(t.Name) && !CollabOptionsRules.IsBuiltIn(t.Name)))
            yield return $"Collab:Events:{type.Name}: is a type that the application adds in code; only one of the two may be.";
        foreach (var twice in added.Where(t => t.Data is not null).GroupBy(t => t.Data!.Type).Where(g => g.Count() > 1))
        {
            var names = string.Join(" and ", twice.Select(t => t.Name));
            yield return $"AddEvent: {twice.Key.Name} is the data of {names}. Give each type of event a data type of its own.";
        }
    }

    private IEnumerable<string> CheckLatest(CollabOptions options)
    {
        foreach (var (key, type) in options.Events.Where(e => e.Value.LatestBy is not null))
        {
            if (type.Kind != EventKind.Critical)
                yield return $"Collab:Events:{key}:LatestBy: is only for events that are stored, Collab:Events:{key}:Kind=Critical.";
            if (string.IsNullOrWhiteSpace(type.LatestBy)) yield return $"Collab:Events:{key}:LatestBy: must name a field of the data.";
        }
        foreach (var type in added.Where(t => t.LatestBy is not null))
        {
            if (!type.IsCritical) yield return $"AddEphemeralEvent: {type.Name} has LatestBy, which is only for events that are stored.";
            if (type.Data is { Json: { Kind: JsonTypeInfoKind.Object } json } && json.Properties.All(p => p.Name != type.LatestBy))
                yield return $"AddEvent: {type.Name} has LatestBy '{type.LatestBy}', and {json.Type.Name} has no such field in JSON.";
        }
    }
}
