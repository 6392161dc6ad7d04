using Collab.AspNetCore.Refusals;
using Collab.AspNetCore.Store;
using Collab.Protocol;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Http;

namespace Collab.AspNetCore.Http;

/// <summary>Turns what goes wrong in an endpoint into problem details. Nothing else ends in a stack trace or an empty answer.</summary>
internal sealed class ProblemFilter : IEndpointFilter
{
    public async ValueTask<object?> InvokeAsync(EndpointFilterInvocationContext context, EndpointFilterDelegate next)
    {
        var http = context.HttpContext;
        try
        {
            // The framework could not convert a parameter; it has set the status and skips the endpoint, but runs this filter.
            if (http.Response.StatusCode == StatusCodes.Status400BadRequest)
                throw RefusedException.Invalid("A parameter of the address is not of its type or out of its range.");
            return await next(context);
        }
        catch (RefusedException refused)
        {
            return Problem.From(refused);
        }
        catch (StoreException)
        {
            return Problem.From(RefusedException.Unavailable());
        }
        catch (BadHttpRequestException unreadable) when (unreadable.StatusCode == StatusCodes.Status413PayloadTooLarge)
        {
            return Problem.From(new(CollabErrorCode.PayloadTooLarge, "The body of the request is too large."));
        }
        catch (BadHttpRequestException unreadable)
        {
            return Problem.From(RefusedException.Invalid("The body of the request cannot be read."), unreadable.StatusCode);
        }
        catch (Exception e) when (e is ConnectionResetException
            || (e is OperationCanceledException && http.RequestAborted.IsCancellationRequested))
        {
            return TypedResults.StatusCode(StatusCodes.Status499ClientClosedRequest);
        }
    }
}
