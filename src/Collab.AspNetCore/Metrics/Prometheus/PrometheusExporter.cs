using OpenTelemetry;
using OpenTelemetry.Metrics;

namespace Collab.AspNetCore.Metrics.Prometheus;

/// <summary>
/// Metrics for whoever scrapes them. Collecting goes over every connection, so it is done by one scraper at a time, and an answer serves for a moment:
/// more scrapers make no more work.
/// </summary>
[ExportModes(ExportModes.Pull)]
internal sealed class PrometheusExporter(TimeProvider time) : BaseExporter<Metric>, IPullMetricExporter
{
    private const int CollectTimeoutMs = 5000;
    private static readonly TimeSpan AnswersFor = TimeSpan.FromMilliseconds(300);

    private readonly Lock _gate = new();
    private readonly Answer[] _answers = new Answer[2];
    private bool _openMetrics;
    private byte[]? _written;

    public Func<int, bool>? Collect { get; set; }

    /// <summary>All metrics as they are, or were a moment ago.</summary>
    /// <exception cref="InvalidOperationException">They could not be collected.</exception>
    public byte[] Scrape(bool openMetrics)
    {
        lock (_gate)
        {
            ref var answer = ref _answers[openMetrics ? 1 : 0];
            if (answer.Text is not null && time.GetElapsedTime(answer.At) < AnswersFor) return answer.Text;
            (_openMetrics, _written) = (openMetrics, null);
            var now = time.GetTimestamp();
            if (Collect?.Invoke(CollectTimeoutMs) != true || _written is null) throw new InvalidOperationException("The metrics could not be collected.");
            answer = new(_written, now);
            return _written;
        }
    }

    /// <summary>Called by <see cref="Collect"/>.</summary>
    public override ExportResult Export(in Batch<Metric> batch)
    {
        _written = PrometheusText.Write(batch, ParentProvider.GetResource(), _openMetrics);
        return ExportResult.Success;
    }

    private readonly record struct Answer(byte[]? Text, long At);
}
