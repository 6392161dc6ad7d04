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
    public static async Task<History> RunAsync(Plan plan, Func<Task<PostgresServer>> postgres)
    {
        await using var servers = await Installation.StartAsync(plan.Layout, postgres);
        var recorder = new Recorder();
        var stages = Enumerable.Range(0, plan.Runs).Select(_ => new Stage(servers, recorder, Guid.NewGuid())).ToArray();
        var (kind, store, bus, count) = plan.Layout;
        recorder.Add(new Setup(plan.Seed, kind, store, bus, count, [.. stages.Select(s => s.RunId)]));

        var members = plan.Members.Select(m => (Run: m.Run, Member: MemberOf(m, stages[m.Run]))).ToArray();
        var gone = new HashSet<Member>();
        try
        {
            var faults = StrikeAsync(plan, servers, recorder);
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

            foreach (var m in members)
                recorder.Add(new Follower(m.Member.Plan.Name, stages[m.Run].RunId, $"{m.Member.Plan.Kind}", !m.Member.Plan.Leaves));
            foreach (var server in servers.Servers) await server.BecomeReadyAsync();
            var staying = members.Where(m => !m.Member.Plan.Leaves).ToArray();
            recorder.Add(new Settled(await faults, publishesOver));
            foreach (var (run, stage) in stages.Index())
            {
                var log = await LogOfAsync(stage);
                recorder.Add(log);
                Member[] here = [.. staying.Where(m => m.Run == run).Select(m => m.Member)];
                await ComesTrueAsync(() => here.All(m => m.HasAll(log.Events.Count)));
                string[] expected = [.. here.Select(m => m.Plan.User).Distinct()];
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
        _ => new StreamMember(plan, stage),
    };

    /// <summary>One fault after the other; when it returns, all is whole again.</summary>
    /// <returns>When the last one was over.</returns>
    private static async Task<double> StrikeAsync(Plan plan, Installation servers, Recorder recorder)
    {
        foreach (var fault in plan.Faults)
        {
            await Task.Delay(fault.AfterMs);
            var start = recorder.Now;
            var struck = await StrikeAsync(fault, servers);
            recorder.Add(new Fault($"{fault.What}", IsOfAll(fault.What) ? null : fault.Server, start, recorder.Now, struck));
        }
        return recorder.Now;
    }

    private static async Task<int> StrikeAsync(FaultPlan fault, Installation servers)
    {
        var (server, network) = (servers.Servers[fault.Server], servers.Networks[fault.Server]);
        var cuts = network.Cuts;
        switch (fault.What)
        {
            case FaultKind.Kill:
                await server.KillAsync();
                await Task.Delay(fault.ForMs);
                await server.StartAgainAsync();
                return 1;
            case FaultKind.Restart:
                await server.StopAsync();
                await Task.Delay(fault.ForMs);
                await server.StartAgainAsync();
                return 1;
            case FaultKind.Freeze:
                server.Send(Signal.Stop);
                await Task.Delay(fault.ForMs);
                server.Send(Signal.Continue);
                return 1;
            case FaultKind.Cut:
                network.Cut(index => fault.Choice % 2 == 0 || (fault.Choice + index) % 3 == 0);
                return network.Cuts - cuts;
            case FaultKind.Unreachable:
                network.RefuseAll(true);
                await Task.Delay(fault.ForMs);
                network.RefuseAll(false);
                return network.Cuts - cuts;
            case FaultKind.NoWebSockets:
                network.RefuseWebSockets(true);
                await Task.Delay(fault.ForMs);
                network.RefuseWebSockets(false);
                return network.Cuts - cuts;
            case FaultKind.DatabaseConnections:
                return await servers.EndDatabaseConnectionsAsync();
            case FaultKind.RedisKill:
                await servers.Redis.KillAsync();
                await Task.Delay(fault.ForMs);
                await servers.Redis.StartAgainAsync();
                return 1;
            default: throw new ArgumentOutOfRangeException(nameof(fault), fault.What, "Not a fault.");
        }
    }

    private static bool IsOfAll(FaultKind what) => what is FaultKind.DatabaseConnections or FaultKind.RedisKill;

    /// <summary>The log as the store has it, once it does not grow any more.</summary>
    private static async Task<FinalLog> LogOfAsync(Stage stage)
    {
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
    private static async Task ComesTrueAsync(Func<bool> condition)
    {
        var began = TimeProvider.System.GetTimestamp();
        while (!condition() && TimeProvider.System.GetElapsedTime(began) < Together) await Task.Delay(20);
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
