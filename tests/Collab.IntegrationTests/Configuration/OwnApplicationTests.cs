using System.Net;
using Collab.AspNetCore;
using Collab.Protocol;
using Collab.TestKit;
using Microsoft.AspNetCore.SignalR;
using Xunit;

namespace Collab.IntegrationTests.Configuration;

/// <summary>Collab as a library: an application's own authentication and rule decide, orders hold however slow they are, and its own hubs stay its own.</summary>
public sealed class OwnApplicationTests
{
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Hub_and_HTTP_work_with_the_applications_own_users_and_rule(bool signalRLast)
    {
        await using var application = await OwnApplication.StartAsync(signalRLast);
        application.Authorizer.Open();
        var (open, closed, readable) = (Guid.NewGuid(), Guid.NewGuid(), Guid.NewGuid());
        application.Authorizer.Exceptions[closed] = RunAccess.None;
        application.Authorizer.Exceptions[readable] = RunAccess.Read;
        await using var alice = await HubClient.ConnectAsync(application.Address, "alice");
        await using var bob = await HubClient.ConnectAsync(application.Address, "bob");
        using var api = new ApiClient(application.Address, "bob");
        await bob.JoinAsync(open);

        await alice.GraftAsync(open);
        await bob.WaitForSequenceAsync(open, 1);

        Assert.Equal("alice", Assert.Single((await api.ReplayAsync(open)).Value.Events).UserId);
        Assert.Equal(CollabErrorCode.Forbidden, await HubClient.RefusalOf(alice.JoinAsync(closed)));
        Assert.Equal(CollabErrorCode.Forbidden, await HubClient.RefusalOf(alice.GraftAsync(readable)));
        Assert.Equal(CollabErrorCode.InvalidEvent, await HubClient.RefusalOf(alice.InvokeAsync("JoinRun", open)));
        await alice.JoinAsync(readable);
        Assert.Equal(HttpStatusCode.Forbidden, (await api.PollAsync(closed)).Status);
        Assert.Equal([open], (await api.ListAsync()).Value.Runs.Select(r => r.RunId));
        using var nobody = new ApiClient(application.Address, token: null);
        RawHttp.AssertRefused(CollabErrorCode.Unauthorized, await nobody.PollAsync(open));
    }

    [Fact]
    public async Task Publishes_that_wait_for_nothing_keep_their_order_while_the_rule_takes_its_time()
    {
        const int Events = 200;
        await using var application = await OwnApplication.StartAsync();
        var run = Guid.NewGuid();
        await using var alice = await HubClient.ConnectAsync(application.Address, "alice");
        var ids = Enumerable.Range(0, Events).Select(_ => Guid.NewGuid()).ToArray();

        var publishing = ids.Select(id => alice.GraftAsync(run, messageId: id)).ToArray();
        await application.Authorizer.Asked.WaitForAsync(asked => asked.Count > 0);
        application.Authorizer.Open();
        var answers = await Task.WhenAll(publishing);

        Assert.Equal(Enumerable.Range(1, Events).Select(n => (long?)n), answers.Select(a => a.SequenceNumber));
        using var api = new ApiClient(application.Address, "alice");
        Assert.Equal(ids, (await api.ReplayAsync(run, limit: 1000)).Value.Events.Select(e => e.MessageId));
    }

    [Fact]
    public async Task A_rule_that_fails_lets_nobody_in_and_says_to_try_again()
    {
        await using var application = await OwnApplication.StartAsync();
        application.Authorizer.Open();
        var run = application.Authorizer.Trouble;
        await using var alice = await HubClient.ConnectAsync(application.Address, "alice");
        using var api = new ApiClient(application.Address, "alice");

        Assert.Equal(CollabErrorCode.Unavailable, await HubClient.RefusalOf(alice.JoinAsync(run)));
        Assert.Equal(CollabErrorCode.Unavailable, await HubClient.RefusalOf(alice.GraftAsync(run)));
        RawHttp.AssertRefused(CollabErrorCode.Unavailable, await api.PollAsync(run));
        RawHttp.AssertRefused(CollabErrorCode.Unavailable, await api.PublishAsync(run, EventTypes.Graft, new { after = "A", agentName = "x" }));
        Assert.Equal(1, (await alice.GraftAsync(Guid.NewGuid())).SequenceNumber);
    }

    [Fact]
    public async Task Another_hub_of_the_application_answers_bad_calls_in_SignalRs_own_way()
    {
        await using var application = await OwnApplication.StartAsync();
        await using var own = await HubClient.ConnectAsync(new Uri(application.Address, "own/"), "alice");

        Assert.Equal(14, await own.InvokeAsync<int>("Double", 7));
        var arguments = await Assert.ThrowsAsync<HubException>(() => own.InvokeAsync<int>("Double", "seven"));
        var method = await Assert.ThrowsAsync<HubException>(() => own.InvokeAsync<int>("Triple", 7));
        var words = await Assert.ThrowsAsync<HubException>(() => own.InvokeAsync("Fail"));

        Assert.All([arguments, method, words], e => Assert.DoesNotContain("[invalid_event]", e.Message, StringComparison.Ordinal));
        Assert.Contains("HubException: in my own words", words.Message, StringComparison.Ordinal);
        Assert.Equal(16, await own.InvokeAsync<int>("Double", 8));
    }
}
