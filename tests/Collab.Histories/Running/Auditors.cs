using Collab.Histories.Recording;
using Collab.Protocol;
using Collab.TestKit;

namespace Collab.Histories.Running;

/// <summary>A publish, repeated over fresh connections until it is acknowledged.</summary>
internal sealed class Pulse(Stage stage) : Member(Self, stage)
{
    private static readonly MemberPlan Self = new("pulse", "pulse", MemberKind.Http, 0, 0, Leaves: false, 0, []);

    /// <summary>Sends one to a server.</summary>
    /// <returns>Its number; null: there was no answer until then.</returns>
    public static async Task<long?> BeatAsync(Stage stage, int server, int choice, double until)
    {
        for (Sent? e = null; stage.Recorder.Now < until; await Task.Delay(20))
        {
            await using var pulse = new Pulse(stage);
            e ??= pulse.Event(choice);
            if (await pulse.AttemptByHttpAsync([e], isBatch: false, atomic: false, server) && pulse.LastTold is { } number) return number;
        }
        return null;
    }

    protected override Task FollowAsync() => Task.CompletedTask;

    protected override Task<bool> AttemptAsync(Sent[] events, bool isBatch, bool atomic, int turn, int choice) => Task.FromResult(true);
}

/// <summary>Looks at every server when all is over.</summary>
internal sealed class Auditor(Stage stage) : Member(Self, stage)
{
    private static readonly MemberPlan Self = new("auditor", "auditor", MemberKind.Http, 0, 0, Leaves: false, 0, []);

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

/// <summary>The logs as the store has them.</summary>
internal static class Logs
{
    /// <summary>All that a run has had, once the last one does not grow any more.</summary>
    public static async Task<IReadOnlyList<FinalLog>> OfAsync(Stage stage)
    {
        for (var logs = await ReadAsync(stage); ;)
        {
            // Each publish has its outcome by now; only the outbox, and what has no outcome, may still come.
            await Task.Delay(300);
            var before = logs[^1].Events.Count;
            logs = await ReadAsync(stage);
            if (logs[^1].Events.Count == before) return logs;
        }
    }

    private static async Task<IReadOnlyList<FinalLog>> ReadAsync(Stage stage)
    {
        if (stage.Servers.Erases) return await stage.Servers.LogsAsync(stage.RunId);
        if (stage.Servers.Keep > 0) return [await stage.Servers.WholeLogAsync(stage.RunId)];
        using var api = new ApiClient(stage.Servers.Servers[0].BaseAddress, TestTokens.Create("auditor"));
        var events = new List<CollaborationEvent>();
        while (true)
        {
            var page = (await api.ReplayAsync(stage.RunId, afterSequence: events.Count > 0 ? events[^1].SequenceNumber : 0, limit: 1000)).Value;
            events.AddRange(page.Events);
            if (page.HasMore) continue;
            return [new(stage.RunId, [.. events.Select(e => new Logged(e.SequenceNumber ?? 0, e.MessageId, e.EventType, e.UserId, e.Data))], Epoch: page.Epoch)];
        }
    }
}
