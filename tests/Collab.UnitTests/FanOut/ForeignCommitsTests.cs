using Collab.AspNetCore.Events;
using Collab.AspNetCore.FanOut;
using Collab.UnitTests.Kit;
using Xunit;

namespace Collab.UnitTests.FanOut;

/// <summary>A feed takes commits by their bytes, number and epoch, whichever server they come from.</summary>
public sealed class ForeignCommitsTests
{
    private readonly Feeds _feeds = Some.Feeds(new EmptyStore());

    [Fact]
    public async Task Another_servers_commit_reaches_the_followers_as_the_bytes_it_came_in()
    {
        var follower = new FakeSubscriber();
        await _feeds.AttachAsync(Some.Run, follower, 0, asConnection: false, CancellationToken.None);
        var theirs = Some.Event(1, "GRAFT", """{"after":"PM","agentName":"x"}""");
        Commit[] commits = [new(Some.Run, Some.Epoch, LoggedEvent.FromJson([.. theirs.Json]))];

        _feeds.Committed(commits);
        _feeds.Flush(commits);

        await follower.HasAsync(1);
        var view = await _feeds.ReadAsync(Some.Run, 0, CancellationToken.None);
        Assert.Equal(theirs.Json, Assert.Single(view.Events).Json);
        Assert.Contains("\"x\"", System.Text.Encoding.UTF8.GetString(_feeds.Find(Some.Run)!.State), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Commits_of_several_writers_take_their_places_and_one_that_comes_twice_counts_once()
    {
        var feed = await _feeds.GetAsync(Some.Run, CancellationToken.None);
        var (first, second) = (new Commit(Some.Run, Some.Epoch, Some.Event(1)), new Commit(Some.Run, Some.Epoch, Some.Event(2)));

        _feeds.Committed([second]);
        Assert.True(feed.IsBehind);
        _feeds.Committed([first, second, first]);

        var view = feed.Read(0)!;
        Assert.Equal([1, 2], view.Events.Select(e => e.Sequence));
    }

    [Fact]
    public void Nothing_is_taken_for_a_run_that_is_not_active()
    {
        Assert.False(_feeds.Takes(Some.Run, "FLAG"));
        _feeds.Committed([new(Some.Run, Some.Epoch, Some.Event(1))]);
        Assert.Null(_feeds.Find(Some.Run));
    }
}
