using Collab.AspNetCore.Refusals;
using Collab.Protocol;
using Microsoft.AspNetCore.Http;

namespace Collab.AspNetCore.Monitoring;

/// <summary>
/// What this server has done since its start. The one place where it is counted: metrics, health and the admin API all read it here.
/// </summary>
internal sealed class Traffic(CollabMetrics metrics, bool countsMessages = true)
{
    /// <summary>Hub connections that were let in.</summary>
    public Tally Connections { get; } = new();

    /// <summary>Hub connections that have ended.</summary>
    public Tally Disconnections { get; } = new();

    /// <summary>Connections by which a client came back.</summary>
    public Tally Reconnections { get; } = new();

    /// <summary>Publishes and cursor moves that arrived, by hub or HTTP.</summary>
    public Tally In { get; } = new();

    /// <summary>Events that were handed to hub connections.</summary>
    public Tally Out { get; } = new();

    /// <summary>Events that a connection which was cut off did not get.</summary>
    public Tally GivenUp { get; } = new();

    /// <summary>Hub connections, and hub calls other than publishes, that were refused.</summary>
    public Tally Refusals { get; } = new();

    /// <summary>Poll requests.</summary>
    public Tally Polls { get; } = new();

    /// <summary>Publishes and cursor moves that were refused.</summary>
    public Tally RefusedPublishes { get; } = new();

    public long Failures => RefusedPublishes.Value + GivenUp.Value;

    /// <summary>Events that were handed over / (those + events given up), 0 to 1.</summary>
    public double DeliveryRate => RateOf(Out.Value, GivenUp.Value);

    public static double RateOf(long sent, long givenUp) => givenUp == 0 ? 1 : (double)sent / (sent + givenUp);

    /// <summary>Counts messages, unless that is switched off: nobody else asks.</summary>
    /// <param name="all">The server's count.</param>
    /// <param name="own">The connection's.</param>
    /// <param name="count">How many.</param>
    public void CountMessages(Tally all, ref long own, int count = 1)
    {
        if (!countsMessages) return;
        Interlocked.Add(ref own, count);
        all.Add(count);
    }

    public void RefusedPublish(CollabErrorCode code)
    {
        RefusedPublishes.Add();
        metrics.PublishRefused(code);
    }

    /// <summary>A batch over HTTP was answered.</summary>
    public void AnsweredBatch(IReadOnlyCollection<PublishResult> results)
    {
        if (countsMessages) In.Add(results.Count);
        foreach (var result in results)
        {
            if (result.Error is { } error && CollabErrorCodes.TryParse(error.Code, out var code)) RefusedPublish(code);
        }
    }

    /// <summary>A batch over HTTP was refused as a whole.</summary>
    public void RefusedBatch(CollabErrorCode code, int events)
    {
        if (countsMessages) In.Add(events);
        for (var i = 0; i < events; i++) RefusedPublish(code);
    }

    /// <summary>Counts publishes over HTTP.</summary>
    public static async ValueTask<object?> CountPublish(EndpointFilterInvocationContext context, EndpointFilterDelegate next)
    {
        var traffic = Of(context);
        var none = 0L;
        traffic.CountMessages(traffic.In, ref none);
        try
        {
            return await next(context);
        }
        catch (RefusedException refused)
        {
            traffic.RefusedPublish(refused.Code);
            throw;
        }
    }

    /// <summary>Counts polls.</summary>
    public static ValueTask<object?> CountPoll(EndpointFilterInvocationContext context, EndpointFilterDelegate next)
    {
        var traffic = Of(context);
        var none = 0L;
        traffic.CountMessages(traffic.Polls, ref none);
        return next(context);
    }

    private static Traffic Of(EndpointFilterInvocationContext context) =>
        (Traffic)context.HttpContext.RequestServices.GetService(typeof(Traffic))!;
}
