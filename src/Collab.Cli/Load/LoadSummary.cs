using System.Globalization;
using Collab.Cli.Printing;

namespace Collab.Cli.Load;

/// <summary>A report in words.</summary>
internal static class LoadSummary
{
    public static IEnumerable<string> Lines(LoadReport report)
    {
        var (clients, runs) = (report.Clients == 1 ? "client" : "clients", report.Runs == 1 ? "run" : "runs");
        var each = Text($"{report.WantedPerSecond:0.##} events/s wanted, {report.PayloadBytes} bytes each");
        yield return Text($"{report.Clients} {clients}, {report.Runs} {runs}, {report.Seconds:0.0} s, {each}");
        yield return Row("published", report.Published, report.Seconds);
        yield return Row("acknowledged", report.Acknowledged, report.Seconds) + $"    {report.AcknowledgedMs}";
        yield return Row("delivered", report.Delivered, report.Seconds) + $"    {report.DeliveredMs}";
        if (report.RateLimitedRetries > 0)
        {
            const string Why =
                "retries: the server's limits (Collab:Limits:Publish…) bite, by default 20 a second and 600 a minute for each user";
            yield return Text($"rate limited  {report.RateLimitedRetries,10:#,0}    {Why}");
        }
        foreach (var (code, count) in report.Refused) yield return Text($"not accepted  {count,10:#,0}    {Plain.Text(code)}");
        if (report.Polling > 0) yield return Text($"polling       {report.Polling,10:#,0}    clients without a WebSocket");
        if (report.Reconnections > 0) yield return Text($"reconnected   {report.Reconnections,10:#,0}");
        yield return Verdict(report);
    }

    private static string Verdict(LoadReport report)
    {
        if (!report.IsWhole)
        {
            var lost = Text($"{report.Missing:#,0} deliveries missing");
            return Text($"BROKEN: {lost}, {report.Repeated:#,0} repeated, {report.OutOfOrder:#,0} out of order.");
        }
        return report.Acknowledged == 0 ? "No event was acknowledged." : "Each client got each event once and in order.";
    }

    private static string Row(string name, long count, double seconds) =>
        Text($"{name,-13} {count,10:#,0}  {count / Math.Max(seconds, 0.001),10:#,0.0}/s");

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
