using System.Globalization;
using Collab.Histories.Recording;

namespace Collab.Histories.Running;

/// <summary>A client without a connection: it polls and publishes by HTTP, each time at any of the servers.</summary>
internal sealed class HttpMember(MemberPlan plan, Stage stage) : Member(plan, stage)
{
    private readonly Dictionary<int, string[]> _usersOf = [];

    public override IReadOnlyList<(string Observer, string[] Users)> Observations
    {
        get
        {
            lock (_usersOf)
                return [.. _usersOf.Select(u => (string.Create(CultureInfo.InvariantCulture, $"{Plan.Name} at server {u.Key}"), u.Value))];
        }
    }

    protected override Task<bool> AttemptAsync(Sent[] events, bool isBatch, bool atomic, int turn, int choice) =>
        AttemptByHttpAsync(events, isBatch, atomic, (choice / 3 + turn) % Stage.Count);

    protected override void UsersOf(int? server, string[] users)
    {
        lock (_usersOf) _usersOf[server!.Value] = users;
    }

    protected override async Task FollowAsync()
    {
        for (var turn = Plan.Choice % 100; !Over.IsCancellationRequested; turn++)
        {
            await ReadAsync("poll", turn % Stage.Count, Highest, turn % 3 == 0 ? 1 : 0);
            await Task.Delay(100 + turn * 37 % 200);
        }
    }
}
