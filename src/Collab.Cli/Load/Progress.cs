using System.Globalization;
using Collab.Cli.Printing;

namespace Collab.Cli.Load;

/// <summary>Tells once a second how a load goes: what there is in all, and in the last second.</summary>
internal sealed class Progress(Figures figures)
{
    private long _published;
    private long _acknowledged;
    private long _delivered;
    private long[]? _acknowledgements;
    private long[]? _deliveries;
    private int _seconds;

    /// <summary>Goes on until it is stopped.</summary>
    public async Task PrintAsync(CancellationToken stop)
    {
        using var second = new PeriodicTimer(TimeSpan.FromSeconds(1));
        try
        {
            while (await second.WaitForNextTickAsync(stop)) Terminal.Error.WriteLine(Line());
        }
        catch (OperationCanceledException)
        {
            // The load has ended.
        }
    }

    private string Line()
    {
        var (published, acknowledged, delivered) = (figures.Published, figures.Acknowledged, figures.Delivered);
        var line = string.Join(
            "  ",
            $"{++_seconds,4} s",
            Text("published", published, _published),
            Text("acknowledged", acknowledged, _acknowledged),
            LatencyReport.Of(figures.ToAcknowledgement, _acknowledgements),
            Text("delivered", delivered, _delivered),
            LatencyReport.Of(figures.ToDelivery, _deliveries),
            $"rate limited {figures.RateLimited}",
            $"errors {figures.Refused.Values.Sum()}");
        (_published, _acknowledged, _delivered) = (published, acknowledged, delivered);
        (_acknowledgements, _deliveries) = (figures.ToAcknowledgement.Counts(), figures.ToDelivery.Counts());
        return line;
    }

    private static string Text(string name, long now, long before) =>
        string.Create(CultureInfo.InvariantCulture, $"{name} {now:#,0} (+{now - before:#,0})");
}
