using Collab.Protocol;
using Microsoft.Extensions.DependencyInjection;

namespace Collab.AspNetCore.Events;

/// <summary>The types that every server knows. What changes a pipeline is added as an application adds its own.</summary>
internal static class BuiltInEvents
{
    public static void AddTo(CollabBuilder collab)
    {
        collab.AddEvent<Graft>(EventTypes.Graft, graft => graft.Check =
            data => DataFields.NonEmptyString(data, "after"u8) ?? DataFields.NonEmptyString(data, "agentName"u8));
        collab.AddEvent<Prune>(EventTypes.Prune,
            prune => prune.Check = data => DataFields.NonEmptyString(data, "stepId"u8) ?? DataFields.Boolean(data, "isPruned"u8));
        collab.AddEvent<Flag>(EventTypes.Flag,
            flag => flag.Check = data => DataFields.NonEmptyString(data, "stepId"u8) ?? DataFields.OptionalString(data, "note"u8));
        collab.AddEvent<RunEnd>(EventTypes.RunEnd, end => end.Check = data => DataFields.OptionalString(data, "outcome"u8));
        collab.Services.AddSingleton(EventTypeTable.CursorMove);
        collab.Services.AddSingleton(new EventType(EventTypes.UserJoin, IsCritical: false, EventSender.Server));
        collab.Services.AddSingleton(new EventType(EventTypes.UserLeave, IsCritical: false, EventSender.Server));
    }
}
