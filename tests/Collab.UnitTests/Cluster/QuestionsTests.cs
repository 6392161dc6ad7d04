using System.Text;
using Collab.AspNetCore.Administration;
using Collab.AspNetCore.Cluster;
using Collab.AspNetCore.Refusals;
using Collab.Protocol;
using Collab.UnitTests.Kit;
using Xunit;

namespace Collab.UnitTests.Cluster;

/// <summary>Servers ask each other over the bus: each answers for itself, and nobody is waited for longer than a moment.</summary>
public sealed class QuestionsTests
{
    private static readonly Page All = new(0, 10_000);

    [Fact]
    public async Task The_connections_of_all_servers_are_one_list()
    {
        await using var cluster = await SmallCluster.StartAsync(3);
        for (var n = 0; n < 9; n++)
        {
            SmallCluster.Connect(cluster.Hosts[n % 3], $"s{n}", $"user-{n}", Some.Run);
            cluster.Time.Advance(TimeSpan.FromMilliseconds(10));
        }

        var sessions = await cluster.AnswerAsync(cluster.Hosts[1].Connections.SessionsAsync(All, isLocal: false, default));
        var page = await cluster.AnswerAsync(cluster.Hosts[2].Connections.OfRunAsync(Some.Run, new(3, 4), isLocal: false, default));
        var overview = await cluster.AnswerAsync(cluster.Hosts[0].Connections.OverviewAsync(10, isLocal: false, default));
        var local = await cluster.AnswerAsync(cluster.Hosts[0].Connections.OverviewAsync(10, isLocal: true, default));

        Assert.Equal(Enumerable.Range(0, 9).Reverse().Select(n => $"s{n}"), sessions.Rows.Select(s => s.SessionId));
        Assert.Equal((9, 3, false), (sessions.Total, sessions.Servers, sessions.IsCut));
        Assert.Equal(["s3", "s4", "s5", "s6"], page.Connections.Select(c => c.SessionId));
        Assert.Equal((9, 3), (page.ConnectionCount, page.Servers));
        Assert.Equal((1, 9, 9, 3), (overview.TotalRuns, overview.TotalConnections, overview.ConnectionsByRun[Some.Run], overview.Servers));
        Assert.Equal((1, 3, 1), (local.TotalRuns, local.TotalConnections, local.Servers));
        Assert.All((IReadOnlyList<string>[])[sessions.Missing, page.Missing, overview.Missing, local.Missing], Assert.Empty);
    }

    /// <summary>The bus of these tests takes 5,000 bytes.</summary>
    [Fact]
    public async Task An_answer_that_is_longer_than_a_message_comes_in_parts_also_where_the_bus_repeats_itself()
    {
        await using var cluster = await SmallCluster.StartAsync(2);
        cluster.Network.Percent = (0, 100);
        for (var n = 0; n < 800; n++) SmallCluster.Connect(cluster.Hosts[1], Guid.NewGuid().ToString("N"), $"user-{n}", Guid.NewGuid());

        var sessions = await cluster.AnswerAsync(cluster.Hosts[0].Connections.SessionsAsync(All, isLocal: false, default));

        Assert.Equal(cluster.Hosts[1].Monitor.All().Select(r => r.SessionId), sessions.Rows.Select(r => r.SessionId));
        Assert.Empty(sessions.Missing);
    }

    [Fact]
    public async Task A_list_that_is_too_long_is_cut_and_says_so()
    {
        await using var cluster = await SmallCluster.StartAsync(2);
        for (var n = 0; n < 6000; n++) SmallCluster.Connect(cluster.Hosts[1], Guid.NewGuid().ToString("N"), $"user-{n}", Guid.NewGuid());

        var sessions = await cluster.AnswerAsync(cluster.Hosts[0].Connections.SessionsAsync(All, isLocal: false, default));

        Assert.Equal((6000, true), (sessions.Total, sessions.IsCut));
        Assert.InRange(sessions.Rows.Count, 1000, 5999);
        Assert.Equal(cluster.Hosts[1].Monitor.All().Take(sessions.Rows.Count).Select(r => r.SessionId), sessions.Rows.Select(r => r.SessionId));
        var first = await cluster.AnswerAsync(cluster.Hosts[0].Connections.SessionsAsync(new(0, 100), isLocal: false, default));
        Assert.False(first.IsCut);
    }

    [Fact]
    public async Task Who_does_not_answer_within_a_second_is_named()
    {
        await using var cluster = await SmallCluster.StartAsync(3);
        SmallCluster.Connect(cluster.Hosts[1], "there", "ana", Some.Run);
        SmallCluster.Connect(cluster.Hosts[2], "cut off", "ben", Some.Run);
        cluster.Hosts[2].Bus.Cut(isCut: true);
        var asking = cluster.Hosts[0].Connections.HealthAsync(isLocal: false, default);

        var took = await cluster.UntilAsync(() => asking.IsCompleted);

        var health = await asking;
        Assert.InRange(took, TimeSpan.FromSeconds(0.9), TimeSpan.FromSeconds(1.2));
        Assert.Equal((1, 3), (health.TotalConnections, health.Servers));
        Assert.Single(health.Missing);
        var refusal = await Assert.ThrowsAsync<RefusedException>(
            () => cluster.AnswerWithoutSomeAsync(cluster.Hosts[0].Connections.EndAsync("cut off", isLocal: false, default)));
        Assert.Equal(CollabErrorCode.Unavailable, refusal.Code);
        var servers = await cluster.AnswerWithoutSomeAsync(cluster.Hosts[0].Servers.GetAsync(isLocal: false, default));
        Assert.Equal((3, 1), (servers.Members.Count, servers.Members.Count(m => !m.HasAnswered)));
        await cluster.UntilAsync(() => cluster.Hosts[0].Members.Others.Count == 1);
        Assert.Equal(2, (await cluster.AnswerAsync(cluster.Hosts[0].Servers.GetAsync(isLocal: false, default))).Members.Count);
    }

    [Fact]
    public async Task With_the_bus_away_the_answer_comes_at_once_and_names_all_others()
    {
        await using var cluster = await SmallCluster.StartAsync(3);
        cluster.Hosts[0].Bus.Cut(isCut: true);

        var asking = cluster.Hosts[0].Connections.HealthAsync(isLocal: false, default);

        Assert.True(asking.IsCompleted);
        Assert.Equal((3, 2), ((await asking).Servers, (await asking).Missing.Count));
    }

    [Fact]
    public async Task A_connection_is_ended_wherever_it_is()
    {
        await using var cluster = await SmallCluster.StartAsync(3);
        var record = SmallCluster.Connect(cluster.Hosts[2], "far", "ana");
        var connections = cluster.Hosts[0].Connections;

        Assert.Equal("ana", (await cluster.AnswerAsync(connections.SessionAsync("far", isLocal: false, default)))!.UserId);
        Assert.Null(await cluster.AnswerAsync(connections.SessionAsync("far", isLocal: true, default)));
        Assert.False(await cluster.AnswerAsync(connections.EndAsync("far", isLocal: true, default)));
        Assert.Null(record.Ending);
        Assert.True(await cluster.AnswerAsync(connections.EndAsync("far", isLocal: false, default)));
        Assert.Equal(EndingCode.Kicked, record.Ending?.Code);
        Assert.False(await cluster.AnswerAsync(connections.EndAsync("nowhere", isLocal: false, default)));
    }

    [Fact]
    public async Task What_is_done_on_all_servers_is_counted_once_also_where_the_bus_repeats_itself()
    {
        await using var cluster = await SmallCluster.StartAsync(2);
        cluster.Network.Percent = (0, 100);
        foreach (var host in cluster.Hosts)
        {
            SmallCluster.Connect(host, $"a{host.Members.Self}", "ana");
            host.Monitor.Closed(SmallCluster.Connect(host, $"b{host.Members.Self}", "ben"));
        }

        var ended = await cluster.AnswerAsync(cluster.Hosts[0].Users.DisconnectAsync("ana", Ending.Kicked, isLocal: false, default));
        var removed = await cluster.AnswerAsync(cluster.Hosts[0].Connections.CleanUpAsync(TimeSpan.Zero, isLocal: false, default));

        Assert.Equal((2, 2), (ended.Ended, ended.Servers));
        Assert.Equal((2, 2), (removed.Removed, removed.Servers));
    }

    [Fact]
    public async Task Nonsense_is_no_answer_and_no_question_and_does_no_harm()
    {
        await using var cluster = await SmallCluster.StartAsync(2);
        var (one, two) = (cluster.Hosts[0], cluster.Hosts[1]);
        SmallCluster.Connect(two, "there", "ana");
        foreach (var (body, place, count) in ((byte[], int, int)[])[([], 0, 0), ([1, 2, 3], 5, 3), ([255, 255], 0, 1), ([1], -1, 1), ([1], 0, int.MaxValue)])
            Send(NewsKind.Answer, two.Members.Self, body, place, count);
        foreach (var question in (string[])["", "null", "{}", "[]", """{"about":""}""", """{"about":"sessions","rows":-1}""", """{"about":"sessions","rows":2000000000}""", """{"about":"unheard-of"}"""])
            Send(NewsKind.Question, Guid.NewGuid(), Encoding.UTF8.GetBytes(question), 0, 0);

        var health = await cluster.AnswerAsync(two.Connections.HealthAsync(isLocal: false, default));
        var back = await cluster.AnswerAsync(one.Connections.HealthAsync(isLocal: false, default));

        Assert.Equal((1, 1, 2), (health.TotalConnections, back.TotalConnections, back.Servers));
        Assert.Empty(health.Missing);
        Assert.Empty(back.Missing);

        void Send(NewsKind kind, Guid id, byte[] body, long place, int count) => cluster.Network.Send(one.Bus, runId: null, new Envelope
        {
            Kind = kind,
            Sender = one.Members.Self,
            RunId = two.Members.Self,
            Epoch = id,
            First = place,
            Count = count,
            Body = body,
        }.ToMessage(key: null));
    }

    /// <summary>Not what it should be: whoever said it is missing.</summary>
    [Theory]
    [InlineData("nonsense")]
    [InlineData("[1]")]
    [InlineData("null")]
    public void An_answer_that_is_something_else_is_none(string json)
    {
        var server = new Member(Guid.NewGuid(), new("other:1", "1.0.0", DateTimeOffset.UnixEpoch, 0, 0), 0, IsLeaving: false);

        var answered = new Answered([(server, Encoding.UTF8.GetBytes(json))], []).Parse(AnswersJson.Default.ConnectionsHealth, new());

        Assert.Equal((2, "other:1"), (answered.Servers, Assert.Single(answered.Missing)));
    }

    [Fact]
    public void A_short_answer_that_unpacks_into_very_much_is_none()
    {
        var parts = new AnswerParts();
        Assert.True(parts.TryAdd(0, 1, AnswerParts.Pack(new byte[40 * 1024 * 1024])));

        Assert.Throws<InvalidDataException>(parts.Unpack);
    }

    [Theory]
    [InlineData("host:1", "host:1")]
    [InlineData("a\r\nSet-Cookie: x, ü", "a??Set-Cookie:?x???")]
    [InlineData(null, "")]
    public void A_servers_name_can_stand_in_a_header(string? name, string clean) =>
        Assert.Equal(clean, new Vitals(name!, "1.0.0", DateTimeOffset.UnixEpoch, 0, 0).Cleaned().Name);
}
