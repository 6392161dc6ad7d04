using System.Collections.Frozen;
using Collab.AspNetCore.Refusals;
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
    private static readonly FrozenSet<string> Publishes = new[]
    {
        nameof(ICollaborationHub.Graft), nameof(ICollaborationHub.Prune), nameof(ICollaborationHub.Flag), nameof(ICollaborationHub.Publish),
        nameof(ICollaborationHub.MoveCursor),
    }.ToFrozenSet(StringComparer.OrdinalIgnoreCase);

    public async ValueTask<object?> InvokeMethodAsync(
        HubInvocationContext invocationContext, Func<HubInvocationContext, ValueTask<object?>> next)
    {
        var record = HubSession.Of(invocationContext.Context).Record;
        var isPublish = IsPublish(invocationContext);
        record.Called();
        if (isPublish) record.Received();
        try
        {
            return await next(invocationContext);
        }
        catch (RefusedException refused)
        {
            if (isPublish) record.RefusedPublish(refused.Code);
            else record.Refused();
            return refused;
        }
        catch (OperationCanceledException) when (invocationContext.Context.ConnectionAborted.IsCancellationRequested)
        {
            // The client left while the call waited for something. There is nobody to answer, and nothing went wrong.
            return null;
        }
    }

    private static bool IsPublish(HubInvocationContext call) => Publishes.Contains(
        call is { HubMethodName: nameof(CollaborationHub.RefuseCall), HubMethodArguments: [string method, _] }
            ? method
            : call.HubMethodName);
}
