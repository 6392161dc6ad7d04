using Collab.Histories.Recording;
using Collab.Protocol;
using Collab.TestKit;

namespace Collab.Histories.Running;

/// <summary>Lets a plan happen on real servers, and takes down what it was like.</summary>
internal static class HistoryRun
{
    /// <summary>How long all may take to come together when the last fault is over; what is not there by then is a violation.</summary>
    private static readonly TimeSpan Together = TimeSpan.FromSeconds(60);

    /// <summary>Runs a plan.</summary>
    /// <param name="plan">What happens.</param>
    /// <param name="postgres">Where databases are made, if one is needed.</param>
    public static async Task<History> RunAsync(Plan plan, Func<Task<PrivatePostgres>> postgres)
    {
        await using var servers = await Installation.StartAsync(plan.Layout, postgres);
        var recorder = new Recorder();
        var stages = Enumerable.Range(0, plan.Runs).Select(_ => new Stage(servers, recorder, Guid.NewGuid())).ToArray();
        var (kind, store, bus, count, keep, isApplication) = plan.Layout;
        recorder.Add(new Setup(plan.Seed, kind, store, bus, count, [.. stages.Select(s => s.RunId)], keep, isApplication));

        var members = plan.Members.Select(m => (Run: m.Run, Member: MemberOf(m, stages[m.Run]))).ToArray();
        var gone = new HashSet<Member>();
        try
        {
            var faults = StrikeAsync(plan, servers, recorder, (seed, over) => RecoverAsync(seed, over, stages, () =>
                [.. members.Where(m => m.Member is { HasStarted: true, Plan.Leaves: false })]));
            await Task.WhenAll(members.Select(async m =>
            {
                await Task.Delay(m.Member.Plan.JoinsAtMs);
                m.Member.Start();
                await m.Member.ActAsync();
                if (!m.Member.Plan.Leaves) return;
                await m.Member.DisposeAsync();
                lock (gone) gone.Add(m.Member);
            }).Append(faults));
            var publishesOver = recorder.Now;

            foreach (var m in members.Where(m => m.Member is not OutboxMember))
                recorder.Add(new Follower(m.Member.Plan.Name, stages[m.Run].RunId, $"{m.Member.Plan.Kind}", !m.Member.Plan.Leaves));
            foreach (var server in servers.Servers) await server.BecomeReadyAsync();
            var staying = members.Where(m => !m.Member.Plan.Leaves).ToArray();
            recorder.Add(new Settled(await faults, publishesOver));
            foreach (var (run, stage) in stages.Index())
            {
                if (isApplication) await ComesTrueAsync(() => servers.HasHandledAllAsync(stage.RunId));
                var log = await LogOfAsync(stage);
                recorder.Add(log);
                if (isApplication)
                    foreach (var handled in await servers.HandledAsync(stage.RunId)) recorder.Add(handled);
                Member[] here = [.. staying.Where(m => m.Run == run).Select(m => m.Member)];
                await ComesTrueAsync(() => here.All(m => m.HasAll(log.Events.Count)));
                string[] expected = [.. here.Where(m => m is not OutboxMember).Select(m => m.Plan.User).Distinct()];
                await ComesTrueAsync(() => here.All(m => m.Observations.All(o => expected.ToHashSet().SetEquals(o.Users))));
                foreach (var (observer, users) in here.SelectMany(m => m.Observations))
                    recorder.Add(new Presence(observer, stage.RunId, recorder.Now, users, expected));
                await LookAsync(stage);
            }
        }
        finally
        {
            await Task.WhenAll(members.Where(m => !gone.Contains(m.Member)).Select(m => m.Member.DisposeAsync().AsTask()));
        }
        return recorder.Snapshot();
    }

    private static Member MemberOf(MemberPlan plan, Stage stage) => plan.Kind switch
    {
        MemberKind.HubJson or MemberKind.HubMessagePack => new HubMember(plan, stage),
        MemberKind.Client or MemberKind.ClientMessagePack => new OwnMember(plan, stage),
        MemberKind.Http => new HttpMember(plan, stage),
        MemberKind.Outbox => new OutboxMember(plan, stage),
        _ => new StreamMember(plan, stage),
    };

    /// <summary>One fault after the other; when it returns, all is whole again.</summary>
    /// <returns>When the last one was over.</returns>
    private static async Task<double> StrikeAsync(
        Plan plan, Installation servers, Recorder recorder, Func<int, double, Task<Recovery>> recover)
    {
        foreach (var (index, fault) in plan.Faults.Index())
        {
            await Task.Delay(fault.AfterMs);
            var start = recorder.Now;
            var (struck, ready) = await StrikeAsync(fault, servers);
            var over = recorder.Now;
            await ready;
            // Now and then the next one comes while what this one left is not over yet.
            var isAwaited = fault.Choice % 3 > 0 || index == plan.Faults.Count - 1;
            var after = isAwaited ? await recover(fault.Choice, over) : null;
            recorder.Add(new Fault($"{fault.What}", IsOfAll(fault.What) ? null : fault.Server, start, over, struck, after));
        }
        return recorder.Now;
    }

    /// <summary>Lets a fault strike.</summary>
    /// <returns>When the fault is over: what it hit, and a task that completes when what was started again is ready.</returns>
    private static async Task<(int Struck, Task Ready)> StrikeAsync(FaultPlan fault, Installation servers)
    {
        var (server, network) = (servers.Servers[fault.Server], servers.Networks[fault.Server]);
        var cuts = network.Cuts;
        switch (fault.What)
        {
            case FaultKind.Kill:
                await server.KillAsync();
                await Task.Delay(fault.ForMs);
                return (1, server.StartAgainAsync());
            case FaultKind.Restart:
                await server.StopAsync();
                await Task.Delay(fault.ForMs);
                return (1, server.StartAgainAsync());
            case FaultKind.Drain:
                var ready = Task.CompletedTask;
                foreach (var (index, one) in servers.Servers.Index())
                {
                    await ready;
                    await servers.DrainAsync(index);
                    await one.StopAsync();
                    ready = one.StartAgainAsync();
                }
                return (servers.Servers.Count, ready);
            case FaultKind.Freeze:
                server.Send(Signal.Stop);
                await Task.Delay(fault.ForMs);
                server.Send(Signal.Continue);
                return (1, Task.CompletedTask);
            case FaultKind.Cut:
                network.Cut(index => fault.Choice % 2 == 0 || (fault.Choice + index) % 3 == 0);
                return (network.Cuts - cuts, Task.CompletedTask);
            case FaultKind.Unreachable:
                network.RefuseAll(true);
                await Task.Delay(fault.ForMs);
                network.RefuseAll(false);
                return (network.Cuts - cuts, Task.CompletedTask);
            case FaultKind.NoWebSockets:
                network.RefuseWebSockets(true);
                await Task.Delay(fault.ForMs);
                network.RefuseWebSockets(false);
                return (network.Cuts - cuts, Task.CompletedTask);
            case FaultKind.Slow:
                network.Lag = TimeSpan.FromMilliseconds(50 + fault.Choice % 350);
                await Task.Delay(fault.ForMs);
                network.Lag = TimeSpan.Zero;
                return (network.Open, Task.CompletedTask);
            case FaultKind.HalfOpen:
                network.Hold(toClients: fault.Choice % 2 == 0);
                await Task.Delay(fault.ForMs);
                var held = network.Open;
                network.Release();
                return (held, Task.CompletedTask);
            case FaultKind.DatabaseConnections:
                return (await servers.EndDatabaseConnectionsAsync(), Task.CompletedTask);
            case FaultKind.DatabaseKill:
                await servers.Postgres.KillAsync();
                await Task.Delay(fault.ForMs);
                await servers.Postgres.StartAgainAsync();
                return (1, Task.CompletedTask);
            case FaultKind.DatabaseRestart:
                await servers.Postgres.RestartAsync();
                return (1, Task.CompletedTask);
            case FaultKind.DatabaseFreeze:
                await servers.Postgres.PauseAsync();
                await Task.Delay(fault.ForMs);
                await servers.Postgres.ResumeAsync();
                return (1, Task.CompletedTask);
            case FaultKind.TableLock or FaultKind.RowLock:
                return (await servers.LockAsync(fault.What == FaultKind.RowLock, TimeSpan.FromMilliseconds(fault.ForMs)), Task.CompletedTask);
            case FaultKind.RedisKill:
                await servers.Redis.KillAsync();
                await Task.Delay(fault.ForMs);
                await servers.Redis.StartAgainAsync();
                return (1, Task.CompletedTask);
            case FaultKind.RedisFreeze:
                servers.Redis.Send(Signal.Stop);
                await Task.Delay(fault.ForMs);
                servers.Redis.Send(Signal.Continue);
                return (1, Task.CompletedTask);
            default: throw new ArgumentOutOfRangeException(nameof(fault), fault.What, "Not a fault.");
        }
    }

    private static bool IsOfAll(FaultKind what) => what is FaultKind.Drain or >= FaultKind.DatabaseConnections;

    /// <summary>
    /// Waits until a publish to each run was acknowledged again by each server, and all that follow have what is acknowledged by then.
    /// </summary>
    private static async Task<Recovery> RecoverAsync(int seed, double over, Stage[] stages, Func<IReadOnlyList<(int Run, Member Member)>> following)
    {
        var recorder = stages[0].Recorder;
        var until = over + Together.TotalMilliseconds;
        var pulses = stages.SelectMany(stage => Enumerable.Range(0, stage.Count).Select(server => Pulse.BeatAsync(stage, server, seed, until)));
        if (Array.Exists(await Task.WhenAll(pulses), isAcknowledged => !isAcknowledged)) return new(null, null);
        var acknowledged = recorder.Now;
        var last = stages.Select(stage => recorder.Snapshot().Of<Publish>()
            .Where(p => p.RunId == stage.RunId).SelectMany(p => p.Told).Max(told => told.Number) ?? 0).ToArray();
        var members = following();
        var isComplete = await ComesTrueAsync(() => members.All(m => m.Member.HasAll(last[m.Run])));
        return new(acknowledged, isComplete ? recorder.Now : null);
    }

    /// <summary>The log as the store has it, once it does not grow any more.</summary>
    private static async Task<FinalLog> LogOfAsync(Stage stage)
    {
        if (stage.Servers.Keep > 0)
        {
            for (var log = await stage.Servers.WholeLogAsync(stage.RunId); ;)
            {
                await Task.Delay(500);
                var before = log.Events.Count;
                log = await stage.Servers.WholeLogAsync(stage.RunId);
                if (log.Events.Count == before) return log;
            }
        }
        using var api = new ApiClient(stage.Servers.Servers[0].BaseAddress, TestTokens.Create("auditor"));
        for (var before = -1; ;)
        {
            var events = new List<CollaborationEvent>();
            while (true)
            {
                var page = (await api.ReplayAsync(stage.RunId, afterSequence: events.Count > 0 ? events[^1].SequenceNumber : 0, limit: 1000)).Value;
                events.AddRange(page.Events);
                if (!page.HasMore) break;
            }
            if (events.Count == before)
                return new(stage.RunId, [.. events.Select(e => new Logged(e.SequenceNumber ?? 0, e.MessageId, e.EventType, e.UserId, e.Data))]);
            before = events.Count;
            await Task.Delay(500);
        }
    }

    /// <summary>A last look at every server.</summary>
    private static async Task LookAsync(Stage stage)
    {
        var plan = new MemberPlan("auditor", "auditor", MemberKind.Http, 0, 0, Leaves: false, 0, []);
        await using var auditor = new Auditor(plan, stage);
        await auditor.LookAsync();
    }

    /// <summary>Waits for what must come true. If it does not, the checker says so.</summary>
    private static Task<bool> ComesTrueAsync(Func<bool> condition) => ComesTrueAsync(() => Task.FromResult(condition()));

    /// <inheritdoc cref="ComesTrueAsync(Func{bool})" />
    private static async Task<bool> ComesTrueAsync(Func<Task<bool>> condition)
    {
        var began = TimeProvider.System.GetTimestamp();
        while (TimeProvider.System.GetElapsedTime(began) < Together)
        {
            if (await condition()) return true;
            await Task.Delay(20);
        }
        return false;
    }

    /// <summary>A publish, repeated over fresh connections until it is acknowledged.</summary>
    private sealed class Pulse(Stage stage) : Member(Self, stage)
    {
        private static readonly MemberPlan Self = new("pulse", "pulse", MemberKind.Http, 0, 0, Leaves: false, 0, []);

        public static async Task<bool> BeatAsync(Stage stage, int server, int choice, double until)
        {
            for (Sent? e = null; stage.Recorder.Now < until; await Task.Delay(20))
            {
                await using var pulse = new Pulse(stage);
                e ??= pulse.Event(choice);
                if (await pulse.AttemptByHttpAsync([e], isBatch: false, atomic: false, server)) return true;
            }
            return false;
        }

        protected override Task FollowAsync() => Task.CompletedTask;

        protected override Task<bool> AttemptAsync(Sent[] events, bool isBatch, bool atomic, int turn, int choice) => Task.FromResult(true);
    }

    private sealed class Auditor(MemberPlan plan, Stage stage) : Member(plan, stage)
    {
        public async Task LookAsync()
        {
            for (var server = 0; server < Stage.Count; server++)
            {
                await ReadAsync("state", server, 0);
                await ReadAsync("replay", server, 0);
            }
        }

        protected override Task FollowAsync() => Task.CompletedTask;

        protected override Task<bool> AttemptAsync(Sent[] events, bool isBatch, bool atomic, int turn, int choice) => Task.FromResult(true);
    }
}
