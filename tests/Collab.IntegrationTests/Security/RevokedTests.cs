using System.Text.Json;
using Collab.AspNetCore;
using Collab.IntegrationTests.Configuration;
using Collab.Protocol;
using Collab.TestKit;
using Xunit;

namespace Collab.IntegrationTests.Security;

/// <summary>Who has lost the right to read a run gets nothing more of it, by whatever way it is followed, and is told so.</summary>
public sealed class RevokedTests
{
    [Fact]
    public async Task Hub_stream_and_poll_end_as_revoked_and_get_no_further_event()
    {
        await using var application = await OwnApplication.StartAsync();
        application.Authorizer.Open();
        var (run, other) = (Guid.NewGuid(), Guid.NewGuid());
        await using var alice = await HubClient.ConnectAsync(application.Address, "alice");
        await using var both = await HubClient.ConnectAsync(application.Address, "both");
        await using var writer = await HubClient.ConnectAsync(application.Address, "writer");
        await alice.JoinAsync(run);
        await both.JoinAsync(run);
        await both.JoinAsync(other);
        await writer.JoinAsync(other);
        using var api = new ApiClient(application.Address, "alice");
        await using var stream = api.StreamAsync(run).GetAsyncEnumerator();
        Assert.True(await stream.MoveNextAsync().AsTask().WaitAsync(Patience.Default));
        // Somebody who comes is news that a poll is answered with.
        await alice.WaitForAsync(all => all.Any(e => e is { EventType: EventTypes.UserJoin, UserId: "both" }));
        var poll = api.PollAsync(run, waitSeconds: 30);
        await application.Connections.CountAsync(5);

        application.Authorizer.Exceptions[run] = RunAccess.None;
        application.Clock.Advance(TimeSpan.FromSeconds(21));

        Assert.Contains("[revoked] ", (await alice.Closed.WaitAsync(Patience.Default))!.Message, StringComparison.Ordinal);
        Assert.Contains("[revoked] ", (await both.Closed.WaitAsync(Patience.Default))!.Message, StringComparison.Ordinal);
        var polled = await poll.WaitAsync(Patience.Default);
        RawHttp.AssertRefused(CollabErrorCode.Forbidden, polled);
        Assert.Equal("revoked", polled.Json.GetProperty("ending").GetString());
        var last = stream.Current;
        while (await stream.MoveNextAsync().AsTask().WaitAsync(Patience.Default)) last = stream.Current;
        Assert.Equal(("end", "revoked"), (last.Type, JsonElement.Parse(last.Data).GetProperty("code").GetString()));
        Assert.False(JsonElement.Parse(last.Data).GetProperty("allowReconnect").GetBoolean());
        Assert.Equal(1, (await writer.GraftAsync(other)).SequenceNumber);
        Assert.False(writer.Closed.IsCompleted);
    }
}
