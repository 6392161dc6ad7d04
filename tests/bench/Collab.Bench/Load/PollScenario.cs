using static Collab.Bench.Load.Timing;

namespace Collab.Bench.Load;

/// <summary>Clients that ask whether there is something new.</summary>
internal static class PollScenario
{
    /// <summary>Polls of a run in which nothing happens; of a peer, its constant answer.</summary>
    public static async Task<Figures> PollAsync(Target target, int clients = 32)
    {
        var run = Guid.NewGuid();
        if (target.Name == "collab")
        {
            using var publisher = await Publisher.ConnectAsync(target, [run], 0);
            publisher.Send(10);
            publisher.Stop();
            await publisher.RunAsync();
        }
        var request = target.PollRequest(run, after: 10);
        var (polls, cost) = (0L, new Cost(1, 0, 0, 0));
        foreach (var stretch in (TimeSpan[])[WarmUp, Measured])
        {
            polls = 0;
            var until = DateTime.UtcNow + stretch;
            var meter = Meter.Start(target);
            await Task.WhenAll(Enumerable.Range(0, clients).Select(async _ =>
            {
                using var http = await LeanHttp.ConnectAsync(target.Address);
                for (; DateTime.UtcNow < until; Interlocked.Increment(ref polls)) await http.AskAsync(request);
            }));
            cost = meter.Stop();
        }
        return new()
        {
            ["answers/s"] = polls / cost.Seconds,
            ["server CPU us per answer"] = cost.Server / polls * 1e6,
            ["generator CPU cores"] = cost.Generator / cost.Seconds,
        };
    }
}
