using Collab.AspNetCore.Cluster;
using Collab.AspNetCore.Presence;
using Collab.Protocol;
using Collab.UnitTests.Kit;
using Xunit;
using static Collab.UnitTests.Cluster.ClusterScene;

namespace Collab.UnitTests.Cluster;

/// <summary>How far users have seen, and which of them are agents, is known on all servers.</summary>
public sealed class ForeignMarksTests : IAsyncLifetime
{
    private readonly ClusterScene _scene = ClusterScene.Create();

    public Task InitializeAsync() => Task.CompletedTask;

    public async Task DisposeAsync() => await _scene.DisposeAsync();

    [Fact]
    public async Task A_mark_is_known_elsewhere_within_about_a_second()
    {
        var (one, other) = await TwoWithEventsAsync(5);

        Saw(one, "ana", 2);
        Saw(one, "ana", 4);
        Saw(other, "ben", 5);
        await _scene.PassAsync(seconds: 1.2);

        foreach (var host in new[] { one, other }) Assert.Equal(new() { ["ana"] = 4, ["ben"] = 5 }, MarksOn(host));
    }

    [Fact]
    public async Task However_often_marks_move_others_are_told_once_a_second()
    {
        var (one, _) = await TwoWithEventsAsync(40);
        await _scene.PassAsync(seconds: 1);
        var before = one.Bus.Sent(NewsKind.Presence);

        for (var seen = 1; seen <= 40; seen++)
        {
            Saw(one, "ana", seen);
            await _scene.StepAsync();
        }
        await _scene.PassAsync(seconds: 1);

        Assert.InRange(one.Bus.Sent(NewsKind.Presence) - before, 1, 4);
    }

    [Fact]
    public async Task A_user_on_two_servers_has_seen_what_the_further_of_them_says()
    {
        var (one, other) = await TwoWithEventsAsync(5);
        await _scene.JoinAsync(other, "ana");

        Saw(one, "ana", 5);
        Saw(other, "ana", 2);
        await _scene.PassAsync(seconds: 1.2);

        foreach (var host in new[] { one, other }) Assert.Equal(5, MarksOn(host)["ana"]);
    }

    [Fact]
    public async Task A_server_that_comes_later_learns_them_with_who_is_there()
    {
        var (one, _) = await TwoWithEventsAsync(5);
        Saw(one, "ana", 3);
        await _scene.PassAsync(seconds: 1.2);

        var late = await _scene.StartAsync();
        await _scene.JoinAsync(late, "cleo");
        await _scene.PassAsync(seconds: 0.2);

        Assert.Equal(3, MarksOn(late)["ana"]);
    }

    [Fact]
    public async Task An_agent_is_one_on_every_server()
    {
        var (one, other) = await TwoWithEventsAsync(1);
        var bot = new FakeSubscriber("bot") { Kind = ParticipantKind.Agent };
        await one.Feeds.AttachAsync(Run, bot, after: 1, asConnection: true, CancellationToken.None);
        await _scene.PassAsync(seconds: 0.5);

        var there = other.Feeds.Find(Run)!.Read(1, withPresence: true)!.Presence!;

        Assert.Equal(["ana", "ben", "bot"], there.Select(p => p.UserId));
        Assert.Equal(["bot"], there.Where(p => p.Kind == ParticipantKind.Agent).Select(p => p.UserId));
        Assert.Contains(Changes(other.Followers[0]), json => json.Contains("\"kind\":\"agent\"", StringComparison.Ordinal));
    }

    [Fact]
    public void A_server_of_the_version_before_reads_who_is_there_and_nothing_else()
    {
        Attendance[] users = [new("ana", IsHere: true, "Ana", "n1", "{}"u8.ToArray()) { Kind = ParticipantKind.Agent, Seen = 7 }];
        var plain = AttendanceForm.Write(Extent.Changes, before: 3, new(Some.Epoch, [users[0] with { Kind = default, Seen = null }], Marks: []));

        var full = AttendanceForm.Write(Extent.Changes, before: 3, new(Some.Epoch, users, [new("ben", 9)]));

        // It reads as many users as the head says, and stops.
        Assert.Equal(plain, full[..plain.Length]);
        var read = AttendanceForm.Read(full, count: 1, version: 4);
        Assert.Equal((Some.Epoch, ParticipantKind.Agent, 7L), (read.Epoch, read.Users[0].Kind, read.Users[0].Seen));
        Assert.Equal([new("ben", 9)], read.Marks);
        var fromBefore = AttendanceForm.Read(plain, count: 1, version: 4);
        Assert.Equal((ParticipantKind.Person, null), (fromBefore.Users[0].Kind, fromBefore.Users[0].Seen));
        Assert.Equal("ana", AttendanceForm.Read([.. plain, 99, 1, 2, 3], count: 1, version: 4).Users[0].UserId);
    }

    [Theory]
    [InlineData("", 1L)]
    [InlineData("a\0b", 1L)]
    [InlineData("ana", -2L)]
    public void A_mark_that_makes_no_sense_is_not_read(string userId, long seen) => Assert.Throws<InvalidDataException>(() =>
        AttendanceForm.Read(AttendanceForm.Write(Extent.Changes, before: 0, new(Some.Epoch, [], [new(userId, seen)])), count: 0, version: 1));

    [Fact]
    public async Task A_mark_about_another_log_of_the_run_counts_for_nothing()
    {
        var (one, other) = await TwoWithEventsAsync(2);
        var epoch = one.Feeds.Find(Run)!.Epoch;
        other.Feeds.Find(Run)!.Presence.Tell(Guid.NewGuid(), new ServerPart(1, 0, Extent.Changes, []) { Epoch = Guid.NewGuid(), Marks = [new("ana", 900)] });
        Assert.Null(MarksOn(other)["ana"]);

        other.Feeds.Find(Run)!.Presence.Tell(Guid.NewGuid(), new ServerPart(1, 0, Extent.Changes, []) { Epoch = epoch, Marks = [new("ana", 2)] });

        Assert.Equal(2, MarksOn(other)["ana"]);
    }

    private async Task<(ClusterHost One, ClusterHost Other)> TwoWithEventsAsync(int events)
    {
        var (one, other) = (await _scene.StartAsync(), await _scene.StartAsync());
        await _scene.JoinAsync(one, "ana");
        await _scene.JoinAsync(other, "ben");
        for (var n = 0; n < events; n++) one.Publish(Run, "ana");
        await _scene.PassAsync(seconds: 0.5);
        return (one, other);
    }
}
