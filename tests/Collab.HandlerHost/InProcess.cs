using System.Runtime.CompilerServices;
using System.Text.Json;
using Collab.AspNetCore;
using Collab.Protocol;

namespace Collab.HandlerHost;

/// <summary>Lets tests have the application publish and follow in its own process, as its own code would. It asks nobody who they are.</summary>
internal static class InProcess
{
    public static void Map(WebApplication app)
    {
        app.MapPost("/in-process/{runId:guid}", PublishAsync);
        app.MapGet("/in-process/{runId:guid}", FollowAsync);
    }

    /// <summary>Publishes one event, or several together. The answer is that of the API: an acknowledgement or a list of them, or a code.</summary>
    private static async Task<IResult> PublishAsync(Guid runId, Events body, ICollab collab)
    {
        NewEvent[] events = [.. body.List.Select(e => new NewEvent(e.EventType, JsonSerializer.SerializeToUtf8Bytes(e.Data), e.MessageId))];
        var options = new PublishOptions { UserId = body.UserId, BasedOnSequence = body.BasedOn };
        try
        {
            if (!body.Together) return Results.Json(await collab.Run(runId).PublishAsync(events[0], options));
            var acks = await collab.Run(runId).PublishAsync(events, options);
            return Results.Json(acks.Select(ack => new { ack }));
        }
        catch (CollabRefusedException refusal)
        {
            return Results.Json(new { code = refusal.Code.ToWire() }, statusCode: StatusCodes.Status409Conflict);
        }
    }

    /// <summary>The events after a number, as they come, until the caller goes or the run has another log.</summary>
    private static IAsyncEnumerable<CollaborationEvent> FollowAsync(Guid runId, long after, ICollab collab, CancellationToken cancellationToken)
    {
        return ReadAsync(cancellationToken);

        async IAsyncEnumerable<CollaborationEvent> ReadAsync([EnumeratorCancellation] CancellationToken stopping)
        {
            await foreach (var e in collab.Run(runId).FollowAsync(after, cancellationToken: stopping)) yield return e;
        }
    }

    internal sealed record Events(string UserId, IReadOnlyList<One> List, bool Together, long? BasedOn);

    internal sealed record One(string EventType, JsonElement Data, Guid MessageId);
}
