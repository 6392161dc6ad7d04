using Collab.Blazor;
using Collab.BlazorTests.Kit;
using Xunit;

namespace Collab.BlazorTests;

/// <summary>Who is shown, in which order, and how.</summary>
public sealed class PresenceListTests
{
    [Fact]
    public void Oneself_comes_first_then_the_others_by_name() => Stage.Play(stage =>
    {
        stage.ShowInRun(Scenes.People());
        stage.Join("""{ "activeUsers": ["zoe", "alice", "Ben"] }""");

        Assert.Equal(["alice", "Ben", "zoe"], Users(stage));
        Assert.Equal(["alice, you", "Ben, here now", "zoe, here now"], stage.Page.OfClass("avatar").Select(avatar => avatar.Get("aria-label")));
        Assert.All(stage.Page.OfClass("avatar"), avatar => Assert.Equal("img", avatar.Get("role")));
    });

    [Fact]
    public void An_agent_is_one_by_shape_and_word() => Stage.Play(stage =>
    {
        stage.ShowInRun(Scenes.People());
        stage.Join("""{ "activeUsers": ["alice", "bot"], "presence": [{ "userId": "alice", "kind": "person", "seen": null }, { "userId": "bot", "kind": "agent", "seen": 3 }] }""");

        Assert.Equal(["alice, you", "bot, agent, here now"], stage.Page.OfClass("avatar").Select(avatar => avatar.Get("aria-label")));
        Assert.Equal("bot, agent, here now", stage.Page.OfClass("agent").Single().Get("aria-label"));
    });

    [Fact]
    public void Who_comes_and_goes_is_shown_and_shown_no_more() => Stage.Play(stage =>
    {
        stage.ShowInRun(Scenes.People());
        stage.Join("""{ "activeUsers": ["alice"] }""");
        stage.Receive("""[{ "eventType": "USER_JOIN", "userId": "bob" }]""");
        Assert.Equal(["alice", "bob"], Users(stage));

        stage.Receive("""[{ "eventType": "USER_LEAVE", "userId": "bob" }]""");
        Assert.Equal(["alice"], Users(stage));
    });

    [Fact]
    public void What_does_not_fit_is_behind_a_number_which_opens_the_names() => Stage.Play(stage =>
    {
        stage.ShowInRun(Scenes.People(max: 2));
        stage.Join("""{ "activeUsers": ["alice", "b1", "b2", "b3", "b4"] }""");

        var more = stage.Page.OfClass("more").Single();
        Assert.Equal(2, stage.Page.OfClass("ring").Length);
        Assert.Equal("+3", more.Tags("summary").Single().Text());
        Assert.Equal("3 more people", more.Tags("summary").Single().Get("aria-label"));
        Assert.Equal(["b2", "b3", "b4"], more.OfClass("name").Select(name => name.Text()));
    });

    [Fact]
    public void The_last_one_stands_in_the_place_of_a_number_for_them_alone() => Stage.Play(stage =>
    {
        stage.ShowInRun(Scenes.People(max: 2));
        stage.Join("""{ "activeUsers": ["alice", "b1", "b2"] }""");

        Assert.Empty(stage.Page.OfClass("more"));
        Assert.Equal(["alice", "b1", "b2"], Users(stage));
    });

    [Fact]
    public void People_are_sorted_as_people_sort() => Stage.Play(stage =>
    {
        stage.ShowInRun(Scenes.People(max: 9));
        stage.Join("""{ "activeUsers": ["Person 19", "ana", "person 002", "person 2", "person 20", "x"] }""");

        Assert.Equal(["ana", "person 002", "person 2", "Person 19", "person 20", "x"], Users(stage));
    });

    [Fact]
    public void However_many_come_the_page_stays_small() => Stage.Play(stage =>
    {
        stage.ShowInRun(Scenes.People(max: 3));
        var users = string.Join(", ", Enumerable.Range(0, 5000).Select(n => $"\"user-{n}\""));
        stage.Join($$"""{ "activeUsers": [{{users}}] }""");

        Assert.Equal(103, Users(stage).Count);
        Assert.Equal("+4997", stage.Page.Tags("summary").Single().Text());
        Assert.Equal("and 4897 more", stage.Page.OfClass("rest").Single().Children[^1].Text());
    });

    [Fact]
    public void With_names_oneself_is_marked() => Stage.Play(stage =>
    {
        stage.ShowInRun(Scenes.People(showNames: true));
        stage.Join("""{ "activeUsers": ["alice", "bob"] }""");

        Assert.Equal(["alice (you)", "bob"], stage.Page.OfClass("name").Select(name => name.Text()));
        // The name stands there: it need not be said twice.
        Assert.All(stage.Page.OfClass("avatar"), avatar => Assert.Equal("true", avatar.Get("aria-hidden")));
    });

    [Fact]
    public void Oneself_is_dimmed_while_the_connection_is_away() => Stage.Play(stage =>
    {
        stage.ShowInRun(Scenes.People());
        stage.Join("""{ "activeUsers": ["alice", "bob"] }""");
        Assert.Empty(stage.Page.OfClass("dim"));

        stage.Drop();

        Assert.Equal("alice", stage.Page.OfClass("dim").Single().Get("data-user-id"));
        Assert.Equal("alice, you, not connected", stage.Page.OfClass("avatar")[0].Get("aria-label"));
    });

    [Fact]
    public void A_name_is_never_markup() => Stage.Play(stage =>
    {
        stage.ShowInRun(Scenes.People(max: 1, showNames: true));
        stage.Join("""{ "activeUsers": ["<script>alert(1)</script>", "\"onerror=x"] }""");

        Assert.Empty(stage.Page.Tags("script"));
        Assert.Equal(["\"onerror=x", "<script>alert(1)</script>"], stage.Page.OfClass("name").Select(name => name.Text()));
    });

    // The demo page's and the Angular components' colours, by its own function in src/web/angular/src/look/user.ts.
    [Theory]
    [InlineData("ana", 7)]
    [InlineData("ben", 3)]
    [InlineData("user_123", 11)]
    [InlineData("Ŝan Li", 1)]
    [InlineData("", 9)]
    [InlineData("😀", 4)]
    public void A_user_has_the_colour_that_they_have_on_the_demo_page(string user, int colour) => Stage.Play(stage =>
    {
        stage.Show(Scenes.Avatar(user));

        Assert.Single(stage.Page.OfClass($"user-{colour}"));
    });

    [Theory]
    [InlineData("ana", "AN")]
    [InlineData("ana.lopez", "AL")]
    [InlineData("user_123", "U1")]
    [InlineData("Ŝan Li", "ŜL")]
    [InlineData("person 7", "P7")]
    [InlineData("person 11", "P11")]
    [InlineData("x", "X")]
    [InlineData("--", "?")]
    [InlineData("👩‍🔧 b", "👩‍🔧B")]
    public void Initials_are_those_of_the_demo_page(string user, string initials) => Assert.Equal(initials, UserLooks.Initials(user));

    private static List<string?> Users(Stage stage) => [.. stage.Page.All("user-avatar").Select(user => user.Get("data-user-id"))];
}
