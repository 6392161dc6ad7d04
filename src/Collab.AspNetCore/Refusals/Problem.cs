using System.Globalization;
using Collab.AspNetCore.Store;
using Collab.Protocol;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Collab.AspNetCore.Refusals;

/// <summary>A refusal as RFC 9457 problem details with our <c>code</c>.</summary>
internal static class Problem
{
    public static ProblemHttpResult From(RefusedException refused, HttpContext http)
    {
        if (refused.RetryAfter is { } after)
            http.Response.Headers.RetryAfter = Math.Max(1, (int)Math.Ceiling(after.TotalSeconds)).ToString(CultureInfo.InvariantCulture);
        if (refused.Code == CollabErrorCode.Unauthorized) http.Response.Headers.WWWAuthenticate = "Bearer";
        return TypedResults.Problem(
            refused.Detail, statusCode: refused.Code.ToHttpStatus(), extensions: [KeyValuePair.Create<string, object?>("code", refused.Code.ToWire())]);
    }
}

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
            return Problem.From(refused, http);
        }
        catch (StoreException)
        {
            return Problem.From(RefusedException.Unavailable(), http);
        }
        catch (BadHttpRequestException unreadable) when (unreadable.StatusCode == StatusCodes.Status400BadRequest)
        {
            return Problem.From(RefusedException.Invalid("The body of the request cannot be read."), http);
        }
        catch (BadHttpRequestException unreadable)
        {
            return TypedResults.StatusCode(unreadable.StatusCode);
        }
        catch (Exception e) when (e is ConnectionResetException || (e is OperationCanceledException && http.RequestAborted.IsCancellationRequested))
        {
            return TypedResults.StatusCode(StatusCodes.Status499ClientClosedRequest);
        }
    }
}
