using System.Text.Json;
using Collab.AspNetCore.Access;
using Collab.AspNetCore.Events;
using Collab.AspNetCore.Refusals;
using Collab.AspNetCore.Store;
using Microsoft.Extensions.Options;

namespace Collab.AspNetCore.Outbox;

/// <summary>
/// What holds for every event holds for those of the outbox too: nothing gets into a log this way that a client could not publish.
/// </summary>
internal sealed class OutboxRules(EventTypeTable types, IOptions<CollabOptions> options)
{
    private readonly int _maxBytes = options.Value.Limits.EventBytes;

    /// <summary>
    /// Data whose text in the store, with its spaces and its numbers written out, is longer than this is too large in any form.
    /// </summary>
    public int MaxTextBytes => _maxBytes == 0 ? int.MaxValue : (4 * _maxBytes) + 1024;

    /// <summary>Whether a row can be published.</summary>
    public (Append Append, string? Problem) Judge(in OutboxCandidate row)
    {
        try
        {
            var type = types.ForClient(row.EventType);
            if (!type.IsCritical) throw RefusedException.Invalid($"{type.Name} is ephemeral; the outbox is for critical events.");
            if (!Caller.IsUserId(row.UserId))
                throw RefusedException.Invalid("user_id must have 1 to 256 characters.");
            if (row.UserName is { } name && !Caller.IsUserName(name))
                throw RefusedException.Invalid("user_name must have at most 128 characters, and none that cannot be seen.");
            var data = Read(row.Data);
            data.Check(type, _maxBytes);
            return (new(row.RunId, row.MessageId, type.Name, row.UserId, row.UserName, data.Json), null);
        }
        catch (RefusedException e)
        {
            return (default, e.Detail);
        }
    }

    private EventData Read(byte[]? json)
    {
        if (json is null) throw RefusedException.Invalid($"data is too large; the limit is {_maxBytes} bytes.");
        try
        {
            var data = EventDataReader.Read(json);
            // What a client may leave out a row may not: null is no object.
            return data == EventData.Empty ? throw RefusedException.Invalid("data must be an object.") : data;
        }
        catch (JsonException)
        {
            throw RefusedException.Invalid("data is not JSON that can be read, or is nested too deeply.");
        }
    }
}
