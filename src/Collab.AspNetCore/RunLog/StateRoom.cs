using System.Globalization;
using System.Text;
using System.Text.Json;
using Collab.AspNetCore.FanOut;
using Collab.AspNetCore.Refusals;
using Collab.Protocol;
using Microsoft.Extensions.Options;

namespace Collab.AspNetCore.RunLog;

/// <summary>
/// Keeps the states that the application adds from growing without bound: an event after which they would be too large is refused before it
/// is queued. They are as large as the events that this server has seen make them; those that are still in the queue, and those of other
/// servers that are on their way, come on top.
/// </summary>
internal sealed class StateRoom(Feeds feeds, StateShape shape, IOptions<CollabOptions> options, TimeProvider time)
{
    private readonly int _maxBytes = options.Value.Limits.StateBytes;

    /// <summary>Whether there is anything to look at.</summary>
    public bool IsBounded => shape.Own.Count > 0 && _maxBytes > 0;

    /// <summary>Completes at once where the run is active on this server.</summary>
    /// <exception cref="RefusedException">
    /// <c>invalid_event</c>: no room for it. <c>unavailable</c>, <c>overloaded</c>: the run cannot be read.
    /// </exception>
    public async ValueTask CheckAsync(Publish publish, string userId, string? userName)
    {
        var feed = await feeds.GetAsync(publish.RunId, CancellationToken.None);
        var (sequence, own) = feed.OwnState;
        var (_, type, data, messageId, _) = publish;
        var next = new CollaborationEvent(
            publish.RunId, sequence + 1, type.Name, userId, time.GetUtcNow()
                .ToUnixTimeMilliseconds(), JsonElement.Parse(data.Json), IsCritical: true, messageId, userName);
        var now = own.Sum(state => (long)state.Json.Length);
        var after = own.Sum(state => (long)state.After(next).Json.Length);
        // A repeat of an event that is there already adds nothing, and is answered as one.
        if (after <= _maxBytes || after <= now || Has(feed, messageId)) return;
        throw RefusedException.Invalid(string.Create(
            CultureInfo.InvariantCulture, $"The run's state would have {after} bytes after this event; the limit is {_maxBytes}."));
    }

    private static bool Has(Feed feed, Guid messageId)
    {
        var end = Encoding.UTF8.GetBytes($"\"{messageId:D}\"}}");
        return feed.Read(0)?.Events.Any(e => e.Json.AsSpan().EndsWith(end)) ?? false;
    }
}
