using System.Globalization;
namespace Collab.Bench.Load;

/// <summary>What is measured, against whichever server.</summary>
internal static class Scenarios
{
    /// <summary>Long enough for the runtime to have compiled what is hot.</summary>
    private static readonly TimeSpan WarmUp = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan Measured = TimeSpan.FromSeconds(6);
    private static readonly TimeSpan MemoryEvery = TimeSpan.FromMilliseconds(200);

    /// <summary>One run, many followers, a few publishers with a window.</summary>
    public static async Task<Figures> FanOutAsync(Target target, int followers = 100, int publishers = 4, int window = 32)
    {
        var run = Guid.NewGuid();
        var latencies = new Latencies();
        await using var crowd = await Crowd.GatherAsync(target, [.. Enumerable.Repeat(run, followers)], latencies, followersWithLatency: 5);
        await crowd.PublishAsync([.. Enumerable.Repeat(run, publishers)], window);
        await Task.Delay(WarmUp);
        latencies.Clear();
        var before = crowd.Received;
        var meter = Meter.Start(target);
        await Task.Delay(Measured);
        var cost = meter.Stop();
        var delivered = crowd.Received - before;
        return new()
        {
            ["deliveries/s"] = delivered / cost.Seconds,
            ["server CPU s per 100k deliveries"] = cost.Server / delivered * 100_000,
            ["database CPU s per 100k deliveries"] = cost.Database / delivered * 100_000,
            ["generator CPU cores"] = cost.Generator / cost.Seconds,
            ["events per message"] = crowd.Received / (double)Math.Max(1, crowd.Followers.Sum(f => f.Messages)),
            ["p50 ms"] = latencies.Quantile(0.5),
            ["p99 ms"] = latencies.Quantile(0.99),
            ["server MB"] = ProcessUse.ResidentKib(target.ServerId) / 1024,
            ["inversions"] = crowd.Inversions,
            ["gaps"] = crowd.Gaps,
        };
    }

    /// <summary>The same, and then one follower stops reading, the way of a browser tab that hangs: what the others notice.</summary>
    public static async Task<Figures> StalledAsync(Target target, int followers = 100, int publishers = 4, int window = 32)
    {
        var run = Guid.NewGuid();
        var latencies = new Latencies();
        await using var crowd = await Crowd.GatherAsync(target, [.. Enumerable.Repeat(run, followers)], latencies, followersWithLatency: 5);
        await crowd.PublishAsync([.. Enumerable.Repeat(run, publishers)], window);
        await Task.Delay(WarmUp);
        var (rate, p99, memory) = await LookAsync();
        crowd.Followers[^1].Pause();
        var (rateThen, p99Then, memoryThen) = await LookAsync();
        // The kernel's buffers take some megabytes before the server notices anything.
        await Task.Delay(WarmUp);
        return new()
        {
            ["deliveries/s before"] = rate,
            ["deliveries/s then"] = rateThen,
            ["p99 ms before"] = p99,
            ["p99 ms then"] = p99Then,
            ["p99 then : before"] = p99Then / p99,
            ["server MB before"] = memory,
            ["server MB then, at most"] = memoryThen,
            ["the stalled one was cut off"] = crowd.Followers[^1].WasCutOff() ? 1 : 0,
            ["inversions"] = crowd.Inversions,
            ["gaps"] = crowd.Gaps,
        };

        async Task<(double Rate, double P99, double Memory)> LookAsync()
        {
            latencies.Clear();
            var (before, most, meter) = (crowd.Received, 0.0, Meter.Start(target));
            for (var passed = TimeSpan.Zero; passed < Measured; passed += MemoryEvery)
            {
                await Task.Delay(MemoryEvery);
                most = Math.Max(most, ProcessUse.ResidentKib(target.ServerId) / 1024);
            }
            return ((crowd.Received - before) / meter.Stop().Seconds, latencies.Quantile(0.99), most);
        }
    }

    /// <summary>Many runs, publishers with a window, nobody follows.</summary>
    public static async Task<Figures> PublishAsync(Target target, int runs = 64, int window = 16, int spread = 0)
    {
        await using var crowd = await Crowd.GatherAsync(target, []);
        await crowd.PublishAsync([.. Enumerable.Range(0, runs).Select(_ => Guid.NewGuid())], window, spread);
        await Task.Delay(WarmUp);
        var before = crowd.Acknowledged;
        var meter = Meter.Start(target);
        await Task.Delay(Measured);
        var cost = meter.Stop();
        var acknowledged = crowd.Acknowledged - before;
        return new()
        {
            ["publishes/s"] = acknowledged / cost.Seconds,
            ["server CPU us per publish"] = cost.Server / acknowledged * 1e6,
            ["database CPU us per publish"] = cost.Database / acknowledged * 1e6,
            ["generator CPU cores"] = cost.Generator / cost.Seconds,
            ["refused"] = crowd.Refused,
        };
    }

    /// <summary>Many small runs and a steady, modest rate: how long an event takes from one browser to another.</summary>
    public static async Task<Figures> LatencyAsync(Target target, int runs = 200, int followersPerRun = 5, int perSecond = 200)
    {
        var ids = Enumerable.Range(0, runs).Select(_ => Guid.NewGuid()).ToArray();
        var latencies = new Latencies();
        await using var crowd = await Crowd.GatherAsync(
            target, [.. ids.SelectMany(id => Enumerable.Repeat(id, followersPerRun))], latencies, followersWithLatency: int.MaxValue, bufferSize: 2048);
        var publishers = await crowd.PublishAsync(ids, window: 0);
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(1000.0 / perSecond));
        var meter = Meter.Start(target);
        for (var i = 0; i < perSecond * (WarmUp + Measured).TotalSeconds; i++)
        {
            if (i == perSecond * WarmUp.TotalSeconds)
            {
                latencies.Clear();
                meter = Meter.Start(target);
            }
            await timer.WaitForNextTickAsync();
            publishers[i % runs].Send(1);
        }
        var cost = meter.Stop();
        return new()
        {
            ["p50 ms"] = latencies.Quantile(0.5),
            ["p99 ms"] = latencies.Quantile(0.99),
            ["server CPU cores"] = cost.Server / cost.Seconds,
            ["inversions"] = crowd.Inversions,
            ["gaps"] = crowd.Gaps,
        };
    }

    /// <summary>One run that grows to a million events: what the last ones cost, beside the first.</summary>
    public static async Task<Figures> GrowthAsync(Target target, long upTo = 1_000_000, long stretch = 100_000, int publishers = 16, int window = 16)
    {
        await using (var warmUp = await Crowd.GatherAsync(target, []))
        {
            await warmUp.PublishAsync([.. Enumerable.Range(0, publishers).Select(_ => Guid.NewGuid())], window);
            await Task.Delay(WarmUp);
        }
        await using var crowd = await Crowd.GatherAsync(target, []);
        var run = Guid.NewGuid();
        await crowd.PublishAsync([.. Enumerable.Repeat(run, publishers)], window);
        var figures = new Figures();
        foreach (var start in (long[])[2_000, upTo / 2, upTo])
        {
            await WaitUntilAsync(() => crowd.Acknowledged >= start);
            var (before, meter) = (crowd.Acknowledged, Meter.Start(target));
            await WaitUntilAsync(() => crowd.Acknowledged >= start + stretch);
            var cost = meter.Stop();
            var count = crowd.Acknowledged - before;
            var at = string.Create(CultureInfo.InvariantCulture, $"at event {start:#,0}");
            figures[$"publishes/s {at}"] = count / cost.Seconds;
            figures[$"server CPU us per publish {at}"] = cost.Server / count * 1e6;
            figures[$"database CPU us per publish {at}"] = cost.Database / count * 1e6;
        }
        return figures;
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

    /// <summary>Connections that have joined and then do nothing.</summary>
    public static async Task<Figures> IdleAsync(Target target, int connections = 5000)
    {
        // What the first connections bring about once, compiled code and pools, is not a connection's memory.
        await using (await Crowd.GatherAsync(target, [.. Enumerable.Range(0, 500).Select(_ => Guid.NewGuid())], bufferSize: 1024)) await Task.Delay(1000);
        var before = await SettleAsync(target);
        var runs = Enumerable.Range(0, connections / 5).Select(_ => Guid.NewGuid()).ToArray();
        await using var crowd = await Crowd.GatherAsync(target, [.. Enumerable.Range(0, connections).Select(i => runs[i % runs.Length])], bufferSize: 1024);
        var after = await SettleAsync(target);
        return new()
        {
            ["connections"] = connections,
            ["server KB per connection"] = (after - before) / connections,
        };
    }

    private static async Task WaitUntilAsync(Func<bool> condition)
    {
        while (!condition()) await Task.Delay(5);
    }

    private static async Task<bool> ReadJoinAsync(LeanSocket socket, Dialect dialect)
    {
        var message = socket.Take();
        if (message.Length > 0) return dialect.IsJoinAnswer(message);
        if (!await socket.FillAsync()) throw new EndOfStreamException("The server closed the connection.");
        return false;
    }

    /// <summary>The server's memory once it has calmed down: the least of some seconds, after garbage collections where it can be told to.</summary>
    private static async Task<double> SettleAsync(Target target)
    {
        var least = double.MaxValue;
        for (var i = 0; i < 8; i++)
        {
            await Task.Delay(500);
            if (target.IsDotNet) await GarbageCollection.ForceAsync(target.ServerId);
            least = Math.Min(least, ProcessUse.ResidentKib(target.ServerId));
        }
        return least;
    }
}

/// <summary>Named results of one measurement.</summary>
internal sealed class Figures : Dictionary<string, double>;
