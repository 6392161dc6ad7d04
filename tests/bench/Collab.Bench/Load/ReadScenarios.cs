using static Collab.Bench.Load.Timing;

namespace Collab.Bench.Load;

/// <summary>Clients that ask: joins and polls.</summary>
internal static class ReadScenarios
{
    /// <summary>Clients that join a run of a thousand events, again and again.</summary>
    public static async Task<Figures> JoinAsync(Target target, int events = 1000, int clients = 8)
    {
        var run = Guid.NewGuid();
        using (var publisher = await Publisher.ConnectAsync(target, [run], 0))
        {
            publisher.Send(events);
            publisher.Stop();
            await publisher.RunAsync();
        }
        var joins = 0L;
        var until = DateTime.UtcNow + WarmUp;
        var cost = new Cost(1, 0, 0, 0);
        foreach (var stretch in (TimeSpan[])[WarmUp, Measured])
        {
            joins = 0;
            until = DateTime.UtcNow + stretch;
            var meter = Meter.Start(target);
            await Task.WhenAll(Enumerable.Range(0, clients).Select(async _ =>
            {
                using var socket = await target.ConnectAsync(1024 * 1024);
                while (DateTime.UtcNow < until)
                {
                    socket.Write(target.Dialect.Join(run));
                    socket.Flush();
                    while (!await ReadJoinAsync(socket, target.Dialect)) { }
                    Interlocked.Increment(ref joins);
                }
            }));
            cost = meter.Stop();
        }
        return new()
        {
            ["joins/s"] = joins / cost.Seconds,
            ["server CPU ms per join"] = cost.Server / joins * 1000,
            ["generator CPU cores"] = cost.Generator / cost.Seconds,
        };
    }

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

    private static async Task<bool> ReadJoinAsync(LeanSocket socket, Dialect dialect)
    {
        var message = socket.Take();
        if (message.Length > 0) return dialect.IsJoinAnswer(message);
        if (!await socket.FillAsync()) throw new EndOfStreamException("The server closed the connection.");
        return false;
    }
}
