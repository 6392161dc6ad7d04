using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Threading.Channels;
using Collab.AspNetCore.Events;
using Collab.AspNetCore.FanOut;
using Collab.AspNetCore.Limits;
using Collab.AspNetCore.Monitoring;
using Collab.AspNetCore.Refusals;
using Collab.Protocol;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Hosting;

namespace Collab.AspNetCore.Http;

/// <summary>A run as server-sent events. The first message, named <c>run</c>, says where the stream starts; then come the events, critical ones with an id.</summary>
internal static class EventStream
{
    private static readonly TimeSpan KeepAlive = TimeSpan.FromSeconds(15);

    public static async Task<IResult> GetAsync(
        string runId, long? afterSequence, HttpContext http, RunRequest request, Feeds feeds, UserLimits limits, CollabMetrics metrics,
        IHostApplicationLifetime lifetime, TimeProvider time)
    {
        var (current, caller) = await request.ReadAsync(http, runId);
        using var connection = limits.Connect(caller.UserId);
        var after = await feeds.ResumeAtAsync(current.RunId, PositionOf(http.Request, afterSequence), http.RequestAborted);
        using var ended = CancellationTokenSource.CreateLinkedTokenSource(http.RequestAborted, lifetime.ApplicationStopping);
        if (TokenExpiry(http) is { } expiry) ended.CancelAfter(Clamp(expiry - time.GetUtcNow()));
        var subscriber = new StreamSubscriber(caller.UserId, metrics, ended);
        var (feed, view) = await feeds.AttachAsync(current.RunId, subscriber, after, asConnection: true, ended.Token);
        try
        {
            http.Response.ContentType = "text/event-stream; charset=utf-8";
            // A proxy that compresses would hold events back to have more to compress.
            http.Response.Headers.CacheControl = "no-store, no-transform";
            // nginx would hold events back to fill its buffer.
            http.Response.Headers["X-Accel-Buffering"] = "no";
            await WriteAsync(new(http, time, metrics), subscriber, view, ended.Token);
        }
        catch (OperationCanceledException) when (ended.IsCancellationRequested)
        {
            // The client left, its token expired, it fell behind, or the server stops: the stream just ends, and can be resumed.
        }
        finally
        {
            feed.Detach(subscriber, asConnection: true);
        }
        return TypedResults.Empty;
    }

    private static async Task WriteAsync(PacedBody output, StreamSubscriber subscriber, RunView view, CancellationToken cancellationToken)
    {
        WriteStart(output, view);
        foreach (var e in view.Events)
        {
            Write(output, e);
            if (!await output.FlushPieceAsync(cancellationToken)) return;
        }
        var last = view.LastSequence;
        while (await output.FlushAsync(cancellationToken))
        {
            if (!await subscriber.MoreAsync(KeepAlive, cancellationToken)) output.Write(":\n\n"u8);
            while (subscriber.Take() is { } frame)
            {
                foreach (var e in frame.Critical.Where(e => e.Sequence > last)) Write(output, e);
                foreach (var json in frame.Ephemeral) WriteData(output, json);
                if (frame.Critical.Length > 0) last = Math.Max(last, frame.Critical[^1].Sequence);
                if (!await output.FlushAsync(cancellationToken)) return;
            }
        }
    }

    private static void WriteStart(PacedBody output, RunView view)
    {
        var start = new StreamStart(view.RunId, view.Epoch, view.LastSequence, view.OldestSequence, view.Truncated);
        output.Write("event: run\n"u8);
        WriteData(output, JsonSerializer.SerializeToUtf8Bytes(start, CollabJson.Default.StreamStart));
    }

    private static void Write(PacedBody output, LoggedEvent e)
    {
        output.Write(Encoding.ASCII.GetBytes(string.Create(CultureInfo.InvariantCulture, $"id: {e.Sequence}\n")));
        WriteData(output, e.Json);
    }

    private static void WriteData(PacedBody output, byte[] json)
    {
        output.Write("data: "u8);
        output.Write(json);
        output.Write("\n\n"u8);
    }

    private static long PositionOf(HttpRequest request, long? afterSequence)
    {
        var header = request.Headers["Last-Event-ID"].ToString();
        if (header.Length == 0) return RunIds.ParsePosition(afterSequence);
        return long.TryParse(header, NumberStyles.None, CultureInfo.InvariantCulture, out var last)
            ? last
            : throw RefusedException.Invalid("Last-Event-ID must be a sequence number.");
    }

    private static DateTimeOffset? TokenExpiry(HttpContext http) =>
        http.Features.Get<IAuthenticateResultFeature>()?.AuthenticateResult?.Properties?.ExpiresUtc;

    private static TimeSpan Clamp(TimeSpan span) => span < TimeSpan.Zero ? TimeSpan.Zero : span > TimeSpan.FromDays(20) ? TimeSpan.FromDays(20) : span;

    /// <summary>The request is the loop that writes; the feed only wakes it.</summary>
    private sealed class StreamSubscriber(string userId, CollabMetrics metrics, CancellationTokenSource ended) : Subscriber(userId)
    {
        private readonly Channel<bool> _more = Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });

        private int _fellBehind;

        /// <summary>Waits for the next offer. False: none came in time.</summary>
        public async Task<bool> MoreAsync(TimeSpan timeout, CancellationToken cancellationToken)
        {
            if (_more.Reader.TryRead(out _)) return true;
            using var inTime = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
            inTime.CancelAfter(timeout);
            try
            {
                return await _more.Reader.ReadAsync(inTime.Token);
            }
            catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
            {
                return false;
            }
        }

        public Frame? Take()
        {
            if (Position!.Next is not { } next) return null;
            Position = next;
            return next;
        }

        public override void Offer() => _more.Writer.TryWrite(true);

        public override void FellBehind()
        {
            if (Interlocked.Exchange(ref _fellBehind, 1) == 0) metrics.SlowClientCutOff();
            base.FellBehind();
        }

        public override void CutOff(Ending ending)
        {
            try
            {
                ended.Cancel();
            }
            catch (ObjectDisposedException)
            {
                // The request has ended by itself; whoever cuts off may still have had it on its list.
            }
        }
    }
}
