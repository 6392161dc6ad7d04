using System.Diagnostics;
using Collab.Protocol;
using Collab.TestKit;
using Xunit;

namespace Collab.IntegrationTests.RunLog;

/// <summary>
/// While PostgreSQL is away publishes are refused and nobody waits for ever; who only reads what is active goes on; memory does not grow. When it
/// is back everything goes on by itself: no gap, no loss of what was acknowledged, and whatever was refused can be sent again.
/// </summary>
public sealed class AwayPostgresTests : IAsyncLifetime
{
    public enum Absence
    {
        Stopped,
        Killed,
        Frozen,
    }

    private const long MaxGrowth = 160L * 1024 * 1024;

    private PrivatePostgres? _postgres;

    private PrivatePostgres Postgres => _postgres!;

    public async Task InitializeAsync() => _postgres = await PostgresServer.StartPrivateAsync();

    public async Task DisposeAsync() => await Postgres.DisposeAsync();

    [Theory]
    [InlineData(Absence.Stopped)]
    [InlineData(Absence.Killed)]
    [InlineData(Absence.Frozen)]
    public async Task Publishes_are_refused_while_PostgreSQL_is_away_and_go_on_when_it_is_back(Absence absence)
    {
        await using var server = await ServerUnderTest.StartAsync(await Postgres.CreateDatabaseAsync(), ServerUnderTest.KeepAll);
        var run = Guid.NewGuid();
        await using var follower = await server.ConnectAsync("follower");
        await follower.JoinAsync(run);
        var outcomes = new Arrivals<Outcome>();
        using var stop = new CancellationTokenSource();
        var clients = await server.ConnectManyAsync(3, "alice");
        var senders = clients.Select(client => new Sender(client, run, outcomes)).ToArray();
        var sending = Task.WhenAll(senders.Select(s => s.RunAsync(stop.Token)));
        await outcomes.WaitForAsync(all => all.Count >= 200);

        await LeaveAsync(absence);
        var refused = await outcomes.WaitForAsync(all => all.Count(o => o.Refusal is not null) >= 200);
        Assert.All(refused.Select(o => o.Refusal).OfType<string>(), refusal => Assert.Contains("[unavailable]", refusal, StringComparison.Ordinal));
        await AssertReadersAreAnsweredAsync(server, run);
        await ReturnAsync(absence);

        var before = outcomes.All.Count(o => o.Ack is not null);
        await outcomes.WaitForAsync(all => all.Count(o => o.Ack is not null) >= before + 200);
        await stop.CancelAsync();
        await sending;
        await AssertNothingIsLostAsync(server, run, senders, follower);
        foreach (var client in clients) await client.DisposeAsync();
    }

    [Theory]
    [InlineData(Absence.Stopped)]
    [InlineData(Absence.Frozen)]
    public async Task Memory_stays_bounded_however_much_is_sent_while_PostgreSQL_is_away(Absence absence)
    {
        await using var server = await ServerUnderTest.StartAsync(await Postgres.CreateDatabaseAsync());
        var run = Guid.NewGuid();
        await using var reader = await server.ConnectAsync();
        await reader.GraftAsync(run);
        var before = WorkingSetOf(server);

        await LeaveAsync(absence);
        var refused = new Arrivals<CollabErrorCode>();
        var clients = await server.ConnectManyAsync(4);
        var floods = clients.Select(client => Task.Run(() => FloodAsync(client, run, refused))).ToArray();
        await refused.WaitForAsync(all => all.Count >= 700, Patience.Process);
        var grown = WorkingSetOf(server) - before;
        foreach (var client in clients) await client.AbortAsync();
        await Task.WhenAll(floods);

        Assert.All(refused.All, code => Assert.Equal(CollabErrorCode.Unavailable, code));
        Assert.True(grown < MaxGrowth, string.Create(null, $"The server grew by {grown} bytes."));
        await ReturnAsync(absence);
        await Eventually.TrueAsync(async () => (await TryPublishAsync(reader, run)) is not null);
        foreach (var client in clients) await client.DisposeAsync();
    }

    private Task LeaveAsync(Absence absence) => absence switch
    {
        Absence.Stopped => Postgres.StopAsync(),
        Absence.Killed => Postgres.KillAsync(),
        _ => Postgres.PauseAsync(),
    };

    private Task ReturnAsync(Absence absence) => absence == Absence.Frozen ? Postgres.ResumeAsync() : Postgres.StartAgainAsync();

    private static async Task AssertReadersAreAnsweredAsync(ServerUnderTest server, Guid active)
    {
        await using var late = await server.ConnectAsync("late");
        Log.IsNumberedWithoutGap((await late.JoinAsync(active)).Events);
        Assert.Equal(CollabErrorCode.Unavailable, await HubClient.RefusalOf(late.JoinAsync(Guid.NewGuid())));
        using var api = server.Api();
        Log.IsNumberedWithoutGap((await api.PollAsync(active)).Value.Events);
        Assert.Equal(CollabErrorCode.Unavailable, (await api.PollAsync(Guid.NewGuid())).Code);
        Assert.Equal(CollabErrorCode.Unavailable, (await api.ListAsync()).Code);
    }

    private static async Task AssertNothingIsLostAsync(ServerUnderTest server, Guid run, Sender[] senders, HubClient follower)
    {
        var refused = senders.SelectMany(s => s.Sent).Where(p => p.Outcome.Ack is null).Select(p => p.MessageId);
        var acknowledged = senders.SelectMany(s => s.Acknowledged).ToArray();
        await using var client = await server.ConnectAsync();
        var again = new Sender(client, run, new());
        await again.SendAsync(refused.Concat(acknowledged.Take(300).Select(a => a.MessageId)));

        var events = await server.ReadAsync(run);
        Log.Holds(events, senders.SelectMany(s => s.Sent).Select(p => p.MessageId));
        Log.Keeps(events, acknowledged.Concat(again.Acknowledged));
        Assert.All(again.Sent, p => Assert.NotNull(p.Outcome.Ack));
        await follower.WaitForSequenceAsync(run, events.Count);
        Assert.Equal(events.Select(e => e.SequenceNumber!.Value), follower.SequencesOf(run));
    }

    /// <summary>Sends far more than the server may keep: 80 MB per connection.</summary>
    private static Task FloodAsync(HubClient client, Guid run, Arrivals<CollabErrorCode> refused)
    {
        var data = new { after = "ARCHITECT", agentName = new string('x', 8000) };
        return Task.WhenAll(Enumerable.Range(0, 10_000).Select(async _ =>
        {
            try
            {
                refused.Add(await HubClient.RefusalOf(client.PublishAsync(run, EventTypes.Graft, data)));
            }
            catch (Exception e) when (e is not Xunit.Sdk.XunitException)
            {
                // The connection was ended first.
            }
        }));
    }

    private static async Task<PublishAck?> TryPublishAsync(HubClient client, Guid run)
    {
        try
        {
            return await client.GraftAsync(run);
        }
        catch (Microsoft.AspNetCore.SignalR.HubException)
        {
            return null;
        }
    }

    private static long WorkingSetOf(ServerUnderTest server)
    {
        using var process = Process.GetProcessById(server.Process.Id);
        return process.WorkingSet64;
    }
}
