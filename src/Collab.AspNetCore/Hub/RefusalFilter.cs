using Microsoft.AspNetCore.SignalR;

namespace Collab.AspNetCore.Hub;

/// <summary>
/// Makes a refusal the result of the call, or the reason of the close, before SignalR sees an exception: SignalR would log each one as an error with its stack, and whoever
/// sends nonsense, or too much, could fill the log. <see cref="CollabHubProtocol"/> writes it as the error that it is.
/// </summary>
internal sealed class RefusalFilter : IHubFilter
{
    public async ValueTask<object?> InvokeMethodAsync(HubInvocationContext invocationContext, Func<HubInvocationContext, ValueTask<object?>> next)
    {
        try
        {
            return await next(invocationContext);
        }
        catch (RefusedException refused)
        {
            return refused;
        }
    }

    public async Task OnConnectedAsync(HubLifetimeContext context, Func<HubLifetimeContext, Task> next)
    {
        try
        {
            await next(context);
        }
        catch (RefusedException refused)
        {
            await HubSession.Of(context.Context).CloseAsync(refused);
        }
    }
}
