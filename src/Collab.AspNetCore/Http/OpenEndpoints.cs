using System.Globalization;
using Collab.AspNetCore.Limits;
using Collab.AspNetCore.Refusals;
using Collab.Protocol;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;

namespace Collab.AspNetCore.Http;

/// <summary>Endpoints that answer without a token: how much they do for all who ask together.</summary>
internal static class OpenEndpoints
{
    /// <summary>A document: who asks for it too often is refused, and told when to ask again.</summary>
    public static T LimitDocuments<T>(this T endpoints)
        where T : IEndpointConventionBuilder =>
            endpoints.Wrap((http, next) => PassAsync(http, next, LimitsOf(http).Documents, mayRefuse: true));

    /// <summary>Health and metrics, which are never refused: a server whose probe fails is taken for dead.</summary>
    public static T LimitProbes<T>(this T endpoints)
        where T : IEndpointConventionBuilder =>
            endpoints.Wrap((http, next) => PassAsync(http, next, LimitsOf(http).Probes, mayRefuse: false));

    /// <summary>The files of a page, which are never refused: without one of them the page would not work.</summary>
    public static T LimitPageFiles<T>(this T endpoints)
        where T : IEndpointConventionBuilder =>
            endpoints.Wrap((http, next) => PassAsync(http, next, LimitsOf(http).PageFiles, mayRefuse: false));

    private static T Wrap<T>(this T endpoints, Func<HttpContext, RequestDelegate, Task> pass)
        where T : IEndpointConventionBuilder
    {
        endpoints.Finally(endpoint =>
        {
            var next = endpoint.RequestDelegate!;
            endpoint.RequestDelegate = http => pass(http, next);
        });
        return endpoints;
    }

    private static ServerLimits LimitsOf(HttpContext http) => http.RequestServices.GetRequiredService<ServerLimits>();

    private static async Task PassAsync(HttpContext http, RequestDelegate next, AnswerRate rate, bool mayRefuse)
    {
        AnswerRate.Turn turn;
        try
        {
            turn = await rate.TakeAsync(http.RequestAborted);
        }
        catch (OperationCanceledException) when (http.RequestAborted.IsCancellationRequested)
        {
            // There is nobody left to answer.
            return;
        }
        if (!mayRefuse || turn.RetryAfter is not { } retryAfter)
        {
            await next(http);
            return;
        }
        // Many are held already: a client that goes on in a loop has to connect for each of its requests.
        if (!turn.WasHeld) http.Response.Headers.Connection = "close";
        var detail = string.Create(
            CultureInfo.InvariantCulture, $"The server is asked for too many documents. Try again in {retryAfter.TotalSeconds:0.0} s.");
        await Problem.From(new(CollabErrorCode.RateLimited, detail, retryAfter)).ExecuteAsync(http);
    }
}
