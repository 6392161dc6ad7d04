using System.Buffers;
using System.ComponentModel;
using System.Globalization;
using System.Text.Json;
using Collab.AspNetCore.FanOut;
using Collab.AspNetCore.Limits;
using Collab.AspNetCore.Monitoring;
using Collab.AspNetCore.Refusals;
using Collab.Protocol;
using Microsoft.AspNetCore.Http;

namespace Collab.AspNetCore.Http;

/// <summary>
/// A run as server-sent events. The first message, named <c>run</c>, says where the stream starts; then come the events, critical ones with
/// an id. If the server ends the stream, the last message, named <c>end</c>, says why.
/// </summary>
internal static class EventStream
{
    private static readonly TimeSpan KeepAlive = TimeSpan.FromSeconds(15);

    public static async Task<IResult> GetAsync(
        string runId, long? afterSequence,
        [Description("Whether to be sent, about every 256 events, what the state comes to: a message named fingerprint. Default: false.")]
        bool? fingerprints,
        HttpContext http, RunRequest request, Feeds feeds, UserLimits limits, CollabMetrics metrics,
        ConnectionMonitor monitor, TimeProvider time)
    {
        var (run, caller) = await request.AuthorizeAsync(http, runId, RunAccess.Read);
        monitor.Entrance.Demand();
        limits.Take(caller, Reading.Join);
        using var place = limits.Connect(caller);
        DeadPeers.NoticeOn(http, DeadPeers.UnacknowledgedFor);
        var after = await feeds.ResumeAtAsync(run, PositionOf(http.Request, afterSequence), http.RequestAborted);
        using var watched = new WatchedRequest(http, ConnectionKind.Stream, run, caller, monitor);
        var output = new PacedBody(http, time, metrics);
        try
        {
            var subscriber = new StreamSubscriber(caller.UserId, watched.Record, metrics, fingerprints ?? false)
            {
                UserName = caller.UserName,
                Kind = caller.Kind,
            };
            await FollowAsync(http, output, subscriber, feeds, run, after, watched.Token);
        }
        catch (OperationCanceledException) when (watched.Token.IsCancellationRequested)
        {
            // The client left, or the server ended the stream and says why below. It can be resumed.
        }
        if (watched.Record.Ending is { } ending) await WriteEndAsync(output, ending, http.RequestAborted);
        return TypedResults.Empty;
    }

    private static async Task FollowAsync(
        HttpContext http, PacedBody output, StreamSubscriber subscriber,
        Feeds feeds, Guid runId, long after, CancellationToken cancellationToken)
    {
        var (feed, view) = await feeds.AttachAsync(runId, subscriber, after, asConnection: true, cancellationToken);
        try
        {
            http.Response.ContentType = "text/event-stream; charset=utf-8";
            // A proxy that compresses would hold events back to have more of them.
            http.Response.Headers.CacheControl = "no-store, no-transform";
            // nginx would hold events back to fill its buffer.
            http.Response.Headers["X-Accel-Buffering"] = "no";
            await WriteAsync(output, subscriber, view, cancellationToken);
        }
        finally
        {
            feed.Detach(subscriber, asConnection: true, subscriber.Ending?.Grace ?? TimeSpan.Zero);
        }
    }

    private static async Task WriteAsync(PacedBody output, StreamSubscriber subscriber, RunView view, CancellationToken cancellationToken)
    {
        WriteStart(output, view);
        foreach (var e in view.Events)
        {
            StreamMessages.Write(output, e);
            if (!await output.FlushPieceAsync(cancellationToken)) return;
        }
        var last = view.LastSequence;
        while (await output.FlushAsync(cancellationToken))
        {
            if (!await subscriber.MoreAsync(KeepAlive, cancellationToken)) output.Write(":\n\n"u8);
            while (subscriber.Take() is { } frame)
            {
                // What the stream began with may come again in the first frame.
                output.Write(frame.After(last).In(subscriber.Form));
                if (frame.Critical.Length > 0) last = Math.Max(last, frame.Critical[^1].Sequence);
                if (!await output.FlushAsync(cancellationToken)) return;
            }
        }
    }

    private static void WriteStart(PacedBody output, RunView view)
    {
        var start = new StreamStart(view.RunId, view.Epoch, view.LastSequence, view.OldestSequence, view.Truncated)
        {
            Ended = view.HasEnded,
            BranchedFrom = view.BranchedFrom,
            Fingerprint = view.Fingerprint?.Value,
            LatestBy = view.LatestBy,
        };
        output.Write("event: run\n"u8);
        StreamMessages.WriteData(output, JsonSerializer.SerializeToUtf8Bytes(start, CollabJson.Default.StreamStart));
    }

    /// <summary>A client that takes nothing is cut off by the body itself.</summary>
    private static async Task WriteEndAsync(PacedBody output, Ending ending, CancellationToken aborted)
    {
        output.Write("event: end\n"u8);
        StreamMessages.WriteData(output, JsonSerializer.SerializeToUtf8Bytes(
            new(ending.Code.ToWire(), ending.Message, ending.AllowReconnect), CollabJson.Default.StreamEnd));
        await output.FlushAsync(aborted);
    }

    private static long PositionOf(HttpRequest request, long? afterSequence)
    {
        var header = request.Headers["Last-Event-ID"].ToString();
        if (header.Length == 0) return RunIds.ParsePosition(afterSequence);
        return long.TryParse(header, NumberStyles.None, CultureInfo.InvariantCulture, out var last)
            ? last
            : throw RefusedException.Invalid("Last-Event-ID must be a sequence number.");
    }
}
