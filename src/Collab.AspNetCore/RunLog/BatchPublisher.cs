using System.Security.Claims;
using Collab.AspNetCore.Access;
using Collab.AspNetCore.Limits;
using Collab.AspNetCore.Refusals;
using Collab.Protocol;

namespace Collab.AspNetCore.RunLog;

/// <summary>Who publishes a batch to a run, and what that user may do there.</summary>
/// <param name="Caller">The user.</param>
/// <param name="Access">The user's right to the run.</param>
/// <param name="IsThere">Whether the user may show a cursor there.</param>
internal readonly record struct BatchSender(Guid RunId, Caller Caller, RunAccess Access, bool IsThere = true)
{
    public string UserId => Caller.UserId;

    public string? UserName => Caller.UserName;

    public ClaimsPrincipal User => Caller.Principal;
}

/// <summary>
/// What hub and HTTP share about batches. As with single events everything before the queue is synchronous where no guard waits, so a
/// connection's events stay in its order.
/// </summary>
internal sealed class BatchPublisher(Publisher publisher, RunLog log, UserLimits limits)
{
    /// <summary>What is left to send of a batch when limits, types and the application's guards have been asked.</summary>
    /// <exception cref="RefusedException">The whole of it goes no further: any code but <c>unauthorized</c>.</exception>
    public async ValueTask<AdmittedBatch> AdmitAsync(BatchSender sender, BatchEvents batch, bool isAtomic)
    {
        sender.Access.Demand(RunAccess.Read);
        batch.Check();
        return isAtomic ? new(await AdmitAtomicAsync(sender, batch.Events)) : new(await AdmitInOrderAsync(sender, batch.Events));
    }

    /// <summary>Queues what was admitted; synchronous up to there.</summary>
    /// <returns>What became of each event, in their order. Completes when those that were stored are durable.</returns>
    /// <exception cref="RefusedException">The whole of it is refused.</exception>
    public async Task<PublishResult[]> SendAsync(BatchSender sender, AdmittedBatch batch)
    {
        if (batch.InOrder is { } order) return await SendInOrderAsync(sender, order);
        var acks = await publisher.SendTogetherAsync(sender.UserId, sender.UserName, batch.Together!);
        return Array.ConvertAll(acks, ack => new PublishResult(ack));
    }

    private async ValueTask<Publish[]> AdmitAtomicAsync(BatchSender sender, IReadOnlyList<BatchEvent> events)
    {
        var publishes = Publisher.Each(events, e => Parse(sender, e));
        limits.TakeAllPublishes(sender.Caller, events.Count);
        return await publisher.AdmitTogetherAsync(sender.UserId, sender.UserName, sender.User, publishes);
    }

    /// <summary>Looks at each event in its turn, up to the first refusal that may be tried again.</summary>
    private async ValueTask<BatchInOrder> AdmitInOrderAsync(BatchSender sender, IReadOnlyList<BatchEvent> events)
    {
        var order = new BatchInOrder(events.Count);
        var allowed = limits.TakePublishes(sender.Caller, events.Count(e => e.EventType != EventTypes.CursorMove), out var tooMany);
        for (var i = 0; i < order.End; i++)
        {
            try
            {
                // First of all: each refusal costs more than an event, and a batch could be a hundred of them.
                if (events[i].EventType == EventTypes.CursorMove) limits.TakeCursorMove(sender.Caller);
                else if (allowed-- <= 0) throw tooMany!;
                var publish = Parse(sender, events[i]);
                order.Admit(i, await publisher.AdmitFreelyAsync(sender.UserId, sender.UserName, sender.User, publish));
            }
            catch (RefusedException refusal)
            {
                order.Refuse(i, refusal);
            }
        }
        return order;
    }

    private async Task<PublishResult[]> SendInOrderAsync(BatchSender sender, BatchInOrder order)
    {
        var group = Queue(sender, order);
        foreach (var (place, ephemeral) in order.Ephemeral) order.Results[place] = SendNow(sender, ephemeral);
        if (group is null) return order.Results;
        await group.Completion;
        foreach (var ((place, _), member) in order.Critical.Zip(group.Members))
            order.Results[place] = member.Refusal is { } refusal ? BatchInOrder.Refused(refusal) : new(member.Ack());
        return order.Results;
    }

    private PublishResult SendNow(BatchSender sender, in Publish ephemeral)
    {
        try
        {
            return new(publisher.SendNow(sender.UserId, sender.UserName, ephemeral));
        }
        catch (RefusedException refusal)
        {
            return BatchInOrder.Refused(refusal);
        }
    }

    private AppendGroup? Queue(BatchSender sender, BatchInOrder order)
    {
        if (!order.Critical.Any()) return null;
        try
        {
            var appends = order.Critical.Select(c => Publisher.AppendOf(sender.UserId, sender.UserName, c.Publish));
            return log.Append([.. appends], isAtomic: false);
        }
        catch (RefusedException refusal)
        {
            order.Refuse(order.Critical.First().Place, refusal);
            return null;
        }
    }

    private Publish Parse(BatchSender sender, BatchEvent e)
    {
        var publish = publisher.Parse(sender.RunId, e.EventType, e.Data, e.MessageId, e.BasedOnSequence, e.Signature);
        sender.Access.Demand(publish.Type.NeededAccess());
        if (publish.Type.Name == EventTypes.CursorMove && !sender.IsThere) throw RefusedException.Invalid(Publisher.JoinFirst);
        return publish;
    }
}

/// <summary>A batch on its way: the events that are stored together or not at all, or those that stand for themselves.</summary>
internal readonly record struct AdmittedBatch(Publish[]? Together, BatchInOrder? InOrder)
{
    public AdmittedBatch(Publish[] together)
        : this(together, InOrder: null)
    {
    }

    public AdmittedBatch(BatchInOrder inOrder)
        : this(Together: null, inOrder)
    {
    }
}
