using Collab.Histories.Recording;
using Collab.TestKit;

namespace Collab.Histories.Running;

/// <summary>Lets a plan happen on real servers, and takes down what it was like.</summary>
internal static class HistoryRun
{
    /// <summary>How long all may take to come together when the last fault is over; what is not there by then is a violation.</summary>
    private static readonly TimeSpan Together = TimeSpan.FromSeconds(60);

    /// <summary>Starts what a plan is for, and runs it.</summary>
    public static async Task<History> RunAsync(Plan plan, Stores stores)
    {
        var began = TimeProvider.System.GetTimestamp();
        await using var servers = await Installation.StartAsync(plan.Layout, stores);
        return await RunAsync(plan, servers, TimeProvider.System.GetElapsedTime(began));
    }

    /// <summary>Runs a plan.</summary>
    /// <param name="plan">What happens.</param>
    /// <param name="servers">Servers that it is for. They may have had other runs.</param>
    /// <param name="started">How long they took to start.</param>
    public static async Task<History> RunAsync(Plan plan, Installation servers, TimeSpan started)
    {
        var recorder = new Recorder();
        var stages = Enumerable.Range(0, plan.Runs).Select(_ => new Stage(servers, recorder, Guid.NewGuid())).ToArray();
        var layout = plan.Layout;
        recorder.Add(new Setup(
            plan.Seed, layout.Kind, layout.Store, layout.Bus, layout.Servers, [.. stages.Select(s => s.RunId)], layout.Keep, layout.Application));

        var members = plan.Members.Select(m => (Run: m.Run, Member: MemberOf(m, stages[m.Run]))).ToArray();
        var gone = new HashSet<Member>();
        try
        {
            var strikes = new Strikes(servers, stages);
            var faults = StrikeAsync(plan, strikes, recorder, (seed, over) => RecoverAsync(seed, over, stages, () =>
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
            foreach (var (run, stage) in stages.Index()) await ComeTogetherAsync(stage, [.. staying.Where(m => m.Run == run).Select(m => m.Member)]);
            var acted = Math.Max(publishesOver, await faults);
            recorder.Add(new Timing(Math.Round(started.TotalMilliseconds), acted, recorder.Now - acted));
        }
        finally
        {
            await Task.WhenAll(members.Where(m => !gone.Contains(m.Member)).Select(m => m.Member.DisposeAsync().AsTask()));
        }
        return recorder.Snapshot();
    }

    /// <summary>When all is over: the log, whether all have it, and what they see of each other.</summary>
    private static async Task ComeTogetherAsync(Stage stage, Member[] here)
    {
        var (servers, recorder) = (stage.Servers, stage.Recorder);
        var isApplication = servers.Layout.Application;
        if (isApplication) await ComesTrueAsync(() => servers.HasHandledAllAsync(stage.RunId));
        var logs = await Logs.OfAsync(stage);
        foreach (var log in logs) recorder.Add(log);
        if (isApplication)
            foreach (var handled in await servers.HandledAsync(stage.RunId)) recorder.Add(handled);
        await ComesTrueAsync(() => here.All(m => m.HasAll(logs[^1].Events.Count, servers.Erases ? logs[^1].Epoch : null)));
        string[] expected = [.. here.Where(m => m is not (OutboxMember or InProcessMember)).Select(m => m.Plan.User).Distinct()];
        await ComesTrueAsync(() => here.All(m => m.Observations.All(o => expected.ToHashSet().SetEquals(o.Users))));
        foreach (var (observer, users) in here.SelectMany(m => m.Observations))
            recorder.Add(new Presence(observer, stage.RunId, recorder.Now, users, expected));
        await using var auditor = new Auditor(stage);
        await auditor.LookAsync();
    }

    private static Member MemberOf(MemberPlan plan, Stage stage) => plan.Kind switch
    {
        MemberKind.HubJson or MemberKind.HubMessagePack => new HubMember(plan, stage),
        MemberKind.Client or MemberKind.ClientMessagePack => new OwnMember(plan, stage),
        MemberKind.TypeScript => new NodeMember(plan, stage),
        MemberKind.Http => new HttpMember(plan, stage),
        MemberKind.Outbox => new OutboxMember(plan, stage),
        MemberKind.InProcess => new InProcessMember(plan, stage),
        _ => new StreamMember(plan, stage),
    };

    /// <summary>One fault after the other, or two at once; when it returns, all is whole again.</summary>
    /// <returns>When the last one was over.</returns>
    private static async Task<double> StrikeAsync(Plan plan, Strikes strikes, Recorder recorder, Func<int, double, Task<Recovery>> recover)
    {
        foreach (var (index, fault) in plan.Faults.Index())
        {
            await Task.Delay(fault.AfterMs);
            FaultPlan[] together = fault.With is { } other ? [fault, other] : [fault];
            var struck = await Task.WhenAll(together.Select(async one =>
            {
                if (one != fault) await Task.Delay(one.AfterMs);
                var start = recorder.Now;
                var (hit, ready) = await strikes.StrikeAsync(one);
                return (Fault: one, Start: start, Over: recorder.Now, Hit: hit, Ready: ready);
            }));
            await Task.WhenAll(struck.Select(s => s.Ready));
            // Now and then the next one comes while what this one left is not over yet.
            var isAwaited = fault.Choice % 3 > 0 || index == plan.Faults.Count - 1;
            var over = struck.Max(s => s.Over);
            var after = isAwaited ? await recover(fault.Choice, over) : null;
            foreach (var (one, start, end, hit, _) in struck)
            {
                var with = struck.Length > 1 ? $"{struck.Single(s => s.Fault != one).Fault.What}" : null;
                recorder.Add(new Fault($"{one.What}", one.IsOfAll ? null : one.Server, start, end, hit, after, with));
            }
        }
        return recorder.Now;
    }

    /// <summary>
    /// Waits until a publish to each run was acknowledged again by each server, and all that follow have what is acknowledged by then.
    /// </summary>
    private static async Task<Recovery> RecoverAsync(int seed, double over, Stage[] stages, Func<IReadOnlyList<(int Run, Member Member)>> following)
    {
        var recorder = stages[0].Recorder;
        var until = over + Together.TotalMilliseconds;
        var pulses = await Task.WhenAll(stages.Select(stage => Task.WhenAll(Enumerable.Range(0, stage.Count).Select(server => Pulse.BeatAsync(stage, server, seed, until)))));
        if (pulses.Any(run => Array.Exists(run, number => number is null))) return new(null, null);
        var acknowledged = recorder.Now;
        // What was acknowledged before a run was erased is of no log that anybody follows.
        var last = stages.Zip(pulses, (stage, own) => stage.Servers.Erases
            ? own.Max()!.Value
            : recorder.Snapshot().Of<Publish>().Where(p => p.RunId == stage.RunId).SelectMany(p => p.Told).Max(told => told.Number) ?? 0).ToArray();
        var epochs = await Task.WhenAll(stages.Select(EpochOfAsync));
        var members = following();
        var isComplete = await ComesTrueAsync(() => members.All(m => m.Member.HasAll(last[m.Run], epochs[m.Run])));
        return new(acknowledged, isComplete ? recorder.Now : null);
    }

    /// <summary>The log that a run has now; null: it has but one.</summary>
    private static async Task<Guid?> EpochOfAsync(Stage stage)
    {
        if (!stage.Servers.Erases) return null;
        using var api = new ApiClient(stage.Servers.Servers[0].BaseAddress, TestTokens.Create("auditor"));
        return (await api.ReplayAsync(stage.RunId, limit: 1)).Value.Epoch;
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
}
