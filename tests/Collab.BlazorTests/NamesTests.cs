using System.Text.Json;
using Collab.Blazor;
using Collab.BlazorTests.Kit;
using Collab.Protocol;
using Microsoft.AspNetCore.SignalR;
using Xunit;

namespace Collab.BlazorTests;

/// <summary>What users are called, and that no name does the page any harm.</summary>
public sealed class NamesTests
{
    [Fact]
    public void People_are_called_what_their_tokens_say_and_sorted_by_it() => Stage.Play(stage =>
    {
        stage.ShowInRun(Scenes.People());
        stage.Join("""{ "activeUsers": ["alice", "u1", "u2"], "userNames": { "u1": "Zoe Ng", "u2": "Ben" } }""");

        Assert.Equal(["alice, you", "Ben, here now", "Zoe Ng, here now"], stage.Page.OfClass("avatar").Select(avatar => avatar.Get("aria-label")));
        Assert.Equal(["AL", "BE", "ZN"], stage.Page.OfClass("avatar").Select(avatar => avatar.Text()));
    });

    [Theory]
    [InlineData("\u202eabc", "AB", "\u2068abc\u2069")]
    [InlineData("abc\u2069\u202e", "AB", "\u2068abc\u2069")]
    [InlineData("\ud83d\udc69\u200d\ud83d\udcbb", "\ud83d\udc69\u200d\ud83d\udcbb", "\u2068\ud83d\udc69\u200d\ud83d\udcbb\u2069")]
    [InlineData("   ", "(N", "(no name)")]
    [InlineData("\u3164\u200b", "(N", "(no name)")]
    [InlineData("toString", "TO", "toString")]
    public void A_hostile_name_is_shown_as_far_as_there_is_something_to_see(string name, string initials, string inSentence)
    {
        var shown = Names.Of(null, name);

        Assert.Equal(initials, UserLooks.Initials(shown));
        Assert.Equal(inSentence, Names.Isolated(shown));
    }

    [Fact]
    public void Half_of_a_surrogate_pair_in_a_name_is_replaced() => Assert.Equal("Ana\ufffd", Names.Of(null, "Ana\ud83d"));

    [Fact]
    public void Half_of_a_surrogate_pair_in_an_event_takes_no_page_down()
    {
        var e = new CollaborationEvent(Stage.RunId, 1, "GRAFT", "bob", 0, JsonElement.Parse("""{ "after": "PM", "agentName": "\ud800" }"""), true, Guid.Empty);

        Assert.Equal("bob grafted ? after PM", string.Concat(Sentence.Of(e, "bob").Select(words => words.Text)));
    }

    [Fact]
    public void Why_the_server_ended_the_connection_is_told_in_words() => Stage.Play(stage =>
    {
        stage.ShowInRun(Scenes.Health);
        stage.Join();
        Assert.Null(stage.Page.Find("ending-reason"));

        stage.Server.Hubs[^1].Drop(new HubException("The server closed the connection with the following error: [shutdown] Back soon."), allowReconnect: true);
        stage.Settle();

        Assert.Equal("The connection was ended: the server restarts.", stage.Page.Find("ending-reason")?.Text());
    });
}
