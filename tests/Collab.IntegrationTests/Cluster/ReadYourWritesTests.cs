using System.Diagnostics;
using Collab.IntegrationTests.Cluster.Kit;
using Collab.Protocol;
using Collab.TestKit;
using Xunit;
using Xunit.Abstractions;

namespace Collab.IntegrationTests.Cluster;

/// <summary>What a server has acknowledged is in all that it answers, while another server writes to the same run.</summary>
[Collection(ClusterDrills.Name)]
public sealed class ReadYourWritesTests(PostgresFixture postgres, Trios trios, ITestOutputHelper output)
{
    private static readonly int Own = Fleet.IsLong ? 1000 : 100;
    private static readonly int Others = Fleet.IsLong ? 5000 : 500;

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task After_each_acknowledgement_poll_replay_state_and_join_have_it(bool redis)
    {
        var fleet = await trios.GetAsync(postgres, redis);
        var run = Guid.NewGuid();
        await using var other = await fleet[0].ConnectAsync("ana");
        await using var own = await fleet[1].ConnectAsync("ben");
        await using var joining = await fleet[1].ConnectAsync("carl");
        using var api = fleet[1].Api("dora");
        await other.JoinAsync(run);
        await own.JoinAsync(run);
        var began = Stopwatch.GetTimestamp();
        var writing = WriteAsync(other, run);

        var before = 0L;
        for (var i = 0; i < Own; i++)
        {
            var number = (await own.GraftAsync(run)).SequenceNumber!.Value;
            var poll = await api.PollAsync(run, afterSequence: before);
            var replay = await api.ReplayAsync(run, fromSequence: number, limit: 1);
            var state = await api.StateAsync(run);
            var join = await joining.JoinAsync(run, afterSequence: before);

            AssertHas(poll.Value.Events, before, number);
            Assert.Equal(number, Assert.Single(replay.Value.Events).SequenceNumber);
            Assert.InRange(state.Value.AsOfSequence, number, long.MaxValue);
            AssertHas(join.Events, before, number);
            before = number;
        }

        output.WriteLine($"{Own} read after {Figures.Seconds(Stopwatch.GetElapsedTime(began))}, the last one at {before}");
        await writing;
        await own.WaitForSequenceAsync(run, Own + Others, Patience.Process);
        Assert.Equal(Enumerable.Range(1, Own + Others).Select(n => (long)n), own.SequencesOf(run));
    }

    /// <summary>It, and what anybody committed before it.</summary>
    private static void AssertHas(IReadOnlyList<CollaborationEvent> events, long before, long number)
    {
        var numbers = events.Select(e => e.SequenceNumber!.Value).ToArray();
        Assert.Equal(Enumerable.Range(0, numbers.Length).Select(n => before + 1 + n), numbers);
        Assert.Contains(number, numbers);
    }

    /// <summary>As fast as the server takes it, some at a time.</summary>
    private static async Task WriteAsync(HubClient client, Guid run)
    {
        const int AtOnce = 5;
        for (var written = 0; written < Others; written += AtOnce)
            await Task.WhenAll(Enumerable.Range(0, AtOnce).Select(_ => client.GraftAsync(run)));
    }
}
