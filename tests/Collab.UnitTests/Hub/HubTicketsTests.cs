using Collab.AspNetCore.Hub;
using Collab.UnitTests.Kit;
using Xunit;

namespace Collab.UnitTests.Hub;

/// <summary>A ticket lives as long as its connection, and a negotiation that is not followed up not for long.</summary>
public sealed class HubTicketsTests
{
    private readonly ManualTime _time = new();
    private readonly HubTickets _tickets;

    public HubTicketsTests() => _tickets = new(_time);

    [Fact]
    public void What_was_negotiated_and_not_used_is_counted_until_it_is_forgotten()
    {
        for (var i = 0; i < 3; i++) _tickets.Issue($"token-{i}", "alice");
        _tickets.Use(_tickets.Find("token-0")!);
        _tickets.Use(_tickets.Find("token-0")!);
        Assert.Equal((2, 0), (_tickets.UnusedOf("alice"), _tickets.UnusedOf("bob")));

        _time.Advance(HubTickets.UnusedFor + TimeSpan.FromSeconds(1));
        _tickets.Sweep();
        Assert.Equal(0, _tickets.UnusedOf("alice"));
        _time.Advance(HubTickets.EndedFor + TimeSpan.FromSeconds(1));
        _tickets.Sweep();

        Assert.Equal(1, _tickets.Count);
        Assert.Equal("alice", _tickets.Find("token-0")!.UserId);
    }

    [Fact]
    public void A_ticket_outlives_its_connection_so_that_the_goodbye_can_be_fetched()
    {
        _tickets.Issue("token", "alice");
        var ticket = _tickets.Find("token")!;
        _tickets.Use(ticket);
        _time.Advance(TimeSpan.FromHours(1));
        _tickets.End(ticket);
        _tickets.Sweep();
        Assert.NotNull(_tickets.Find("token"));

        _time.Advance(HubTickets.EndedFor + TimeSpan.FromSeconds(1));
        _tickets.Sweep();
        Assert.Equal(0, _tickets.Count);
    }
}
