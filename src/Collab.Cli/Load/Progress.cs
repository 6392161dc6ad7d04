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
        var line = string.Create(CultureInfo.InvariantCulture,
            $"{++_seconds,4} s  published {published} (+{published - _published})  acknowledged {acknowledged} (+{acknowledged - _acknowledged}) {figures.ToAcknowledgement.Since(_acknowledgements)}"
            + $"  delivered {delivered} (+{delivered - _delivered}) {figures.ToDelivery.Since(_deliveries)}  rate limited {figures.RateLimited}  errors {figures.Refused.Values.Sum()}");
        (_published, _acknowledged, _delivered) = (published, acknowledged, delivered);
        (_acknowledgements, _deliveries) = (figures.ToAcknowledgement.Counts(), figures.ToDelivery.Counts());
        return line;
    }
}
