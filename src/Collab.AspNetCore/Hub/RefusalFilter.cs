using System.Collections.Frozen;
using Collab.AspNetCore.Monitoring;
using Collab.AspNetCore.Refusals;
using Collab.AspNetCore.RunLog;
using Collab.Protocol;
using Microsoft.AspNetCore.SignalR;

namespace Collab.AspNetCore.Hub;

/// <summary>
/// Makes a refusal the result of the call before SignalR sees an exception: SignalR would log each one as an error with its stack, and a
/// client that sends nonsense, or too much, could fill the log. <see cref="CollabHubProtocol"/> writes it as the error that it is. As every
/// call and its outcome passes here, this is also where they are counted.
/// </summary>
internal sealed class RefusalFilter : IHubFilter
{
    private static readonly FrozenSet<string> PublishMethods = new[]
    {
        nameof(ICollaborationHub.Graft), nameof(ICollaborationHub.Prune), nameof(ICollaborationHub.Flag), nameof(ICollaborationHub.Publish),
        nameof(ICollaborationHub.PublishBatch), nameof(ICollaborationHub.MoveCursor),
    }.ToFrozenSet(StringComparer.OrdinalIgnoreCase);

    public async ValueTask<object?> InvokeMethodAsync(
        HubInvocationContext invocationContext, Func<HubInvocationContext, ValueTask<object?>> next)
    {
        var session = HubSession.Of(invocationContext.Context);
        var record = session.Record;
        var publishes = Publishes(invocationContext);
        record.Called();
        if (publishes > 0)
        {
            record.Received(publishes);
            session.Flow.Begin(publishes);
        }
        try
        {
            var result = await next(invocationContext);
            if (result is PublishResult[] results) CountRefused(results, record);
            return result;
        }
        catch (RefusedException refused)
        {
            for (var i = 0; i < publishes; i++) record.RefusedPublish(refused.Code);
            if (publishes == 0) record.Refused();
            if (refused.Code is CollabErrorCode.Overloaded) session.Flow.Refused();
            else if (refused.Code is not CollabErrorCode.Unavailable)
                await session.Refusals.WaitAsync(invocationContext.Context.ConnectionAborted);
            return refused;
        }
        catch (OperationCanceledException) when (invocationContext.Context.ConnectionAborted.IsCancellationRequested)
        {
            // The client left while the call waited for something. There is nobody to answer, and nothing went wrong.
            return null;
        }
        finally
        {
            if (publishes > 0) session.Flow.End(publishes);
        }
    }

    /// <summary>How many events a call publishes; 0: it is another call.</summary>
    private static int Publishes(HubInvocationContext call)
    {
        var method = call is { HubMethodName: nameof(CollaborationHub.RefuseCall), HubMethodArguments: [string refused, _] }
            ? refused
            : call.HubMethodName;
        if (!PublishMethods.Contains(method)) return 0;
        return call.HubMethodArguments is [_, BatchEvents batch, _] ? Math.Clamp(batch.Events.Count, 1, BatchEvents.Most) : 1;
    }

    private static void CountRefused(PublishResult[] results, ConnectionRecord record)
    {
        foreach (var result in results)
        {
            if (result.Error is { } error && CollabErrorCodes.TryParse(error.Code, out var code)) record.RefusedPublish(code);
        }
    }
}
