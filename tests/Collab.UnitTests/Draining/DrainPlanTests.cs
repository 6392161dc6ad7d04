using Collab.AspNetCore;
using Collab.AspNetCore.Draining;
using Xunit;

namespace Collab.UnitTests.Draining;

/// <summary>How long a drain takes: what is configured; else nobody waits where there is no other server to go to.</summary>
public sealed class DrainPlanTests
{
    [Theory]
    [InlineData(StoreProvider.Postgres, false, 5, 20)]
    [InlineData(StoreProvider.Postgres, true, 0, 0)]
    [InlineData(StoreProvider.Sqlite, false, 0, 0)]
    [InlineData(StoreProvider.Sqlite, true, 0, 0)]
    public void Without_configuration_it_takes_time_where_there_may_be_another_server(StoreProvider store, bool isDevelopment, int delay, int over)
    {
        var options = new CollabOptions { Store = { Provider = store } };

        var plan = DrainPlan.Of(options, isDevelopment);

        Assert.Equal(new(TimeSpan.FromSeconds(delay), TimeSpan.FromSeconds(over)), plan);
    }

    [Theory]
    [InlineData(StoreProvider.Postgres)]
    [InlineData(StoreProvider.Sqlite)]
    public void What_is_configured_holds_anywhere(StoreProvider store)
    {
        var options = new CollabOptions { Store = { Provider = store }, Drain = { DelaySeconds = 1, OverSeconds = 0 } };

        Assert.Equal(new(TimeSpan.FromSeconds(1), TimeSpan.Zero), DrainPlan.Of(options, isDevelopment: true));
    }

    [Theory]
    [InlineData(25, 5, 20)]
    [InlineData(26, 5, 20)]
    [InlineData(5, 1, 4)]
    [InlineData(0, 0, 0)]
    public void In_less_time_both_parts_are_shorter(int seconds, int delay, int over)
    {
        var plan = new DrainPlan(TimeSpan.FromSeconds(5), TimeSpan.FromSeconds(20));

        Assert.Equal(new(TimeSpan.FromSeconds(delay), TimeSpan.FromSeconds(over)), plan.Within(TimeSpan.FromSeconds(seconds)));
    }
}
