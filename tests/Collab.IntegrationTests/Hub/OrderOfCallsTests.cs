using Collab.AspNetCore;
using Collab.IntegrationTests.Configuration;
using Collab.Protocol;
using Collab.TestKit;
using Xunit;

namespace Collab.IntegrationTests.Hubs;

/// <summary>Calls of one connection about one run take effect in the order in which they were sent, also if the client waits for none of them (P2).</summary>
public sealed class OrderOfCallsTests(GenerousServer server) : IClassFixture<GenerousServer>
{
    [Fact]
    public async Task A_join_and_a_leave_sent_at_once_leave_nobody_there()
    {
        await using var watcher = await server.ConnectAsync("watcher");
        using var api = server.Api("watcher");
        for (var i = 0; i < 10; i++)
        {
            var run = Guid.NewGuid();
            await using var alice = await server.ConnectAsync("alice");
            var join = alice.JoinAsync(run);
            var leave = alice.InvokeAsync("LeaveRun", run);

            await Task.WhenAll(join, leave);

            Assert.DoesNotContain("alice", (await watcher.JoinAsync(run)).ActiveUsers);
            await watcher.GraftAsync(run);
            Assert.DoesNotContain(run, (await alice.PingAsync()).LastSequences.Keys);
            Assert.Empty(alice.SequencesOf(run));
        }
    }

    [Fact]
    public async Task A_join_and_a_cursor_move_sent_at_once_show_the_cursor()
    {
        await using var watcher = await server.ConnectAsync("watcher");
        for (var i = 0; i < 10; i++)
        {
            var run = Guid.NewGuid();
            await using var alice = await server.ConnectAsync("alice");

            await Task.WhenAll(alice.JoinAsync(run), alice.MoveCursorAsync(run, "ARCHITECT"));

            Assert.Equal("ARCHITECT", (await watcher.JoinAsync(run)).CursorPositions["alice"]);
        }
    }

    [Fact]
    public async Task However_long_the_question_whether_the_join_is_allowed_takes()
    {
        await using var application = await OwnApplication.StartAsync();
        var (run, closed) = (Guid.NewGuid(), Guid.NewGuid());
        application.Authorizer.Exceptions[closed] = RunAccess.None;
        await using var alice = await HubClient.ConnectAsync(application.Address, "alice");

        var join = alice.JoinAsync(run);
        var move = alice.MoveCursorAsync(run, "SRE");
        var graft = alice.GraftAsync(run);
        var leave = alice.InvokeAsync("LeaveRun", run);
        var late = alice.MoveCursorAsync(run, "PM");
        var (refused, after) = (alice.JoinAsync(closed), alice.MoveCursorAsync(closed, "PM"));
        await application.Authorizer.Asked.WaitForAsync(asked => asked.Count > 0);
        application.Authorizer.Open();
        var joined = await join;
        await Task.WhenAll(move, graft, leave);

        Assert.Empty(joined.Events);
        Assert.Equal(1, (await graft).SequenceNumber);
        Assert.Equal(CollabErrorCode.InvalidEvent, await HubClient.RefusalOf(late));
        Assert.Equal(CollabErrorCode.Forbidden, await HubClient.RefusalOf(refused));
        Assert.NotNull(await Record.ExceptionAsync(() => after));
        using var api = new ApiClient(application.Address, "bob");
        Assert.DoesNotContain("alice", (await api.PollAsync(run)).Value.ActiveUsers);
    }

    [Fact]
    public async Task A_client_that_leaves_while_it_joins_is_no_error()
    {
        await using var application = await OwnApplication.StartAsync();
        var run = Guid.NewGuid();
        var alice = await HubClient.ConnectAsync(application.Address, "alice");
        var join = alice.JoinAsync(run);
        await application.Authorizer.Asked.WaitForAsync(asked => asked.Count > 0);

        await alice.AbortAsync();
        await Record.ExceptionAsync(() => join);
        await application.Connections.NoneAsync();
        application.Authorizer.Open();

        using var api = new ApiClient(application.Address, "bob");
        Assert.DoesNotContain("alice", (await api.PollAsync(run)).Value.ActiveUsers);
        Assert.Empty(application.Errors);
    }
}
