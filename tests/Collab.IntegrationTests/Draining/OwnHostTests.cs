using Collab.AspNetCore;
using Collab.IntegrationTests.Configuration;
using Collab.TestKit;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Xunit;

namespace Collab.IntegrationTests.Draining;

/// <summary>An application stops its host in its own way, in a time of its own: Collab is a guest, and keeps to it.</summary>
[Collection(Alone.Name)]
public sealed class OwnHostTests
{
    [Fact]
    public async Task An_application_that_stops_its_host_gets_as_much_of_a_drain_as_it_has_time_for()
    {
        await using var application = await StartAsync(TimeSpan.FromSeconds(4));
        await using var alice = await HubClient.ConnectAsync(application.Address, TestTokens.Create("alice"));
        var run = Guid.NewGuid();
        await alice.JoinAsync(run);

        var stopped = application.Services.GetRequiredService<IHost>().StopAsync();
        var published = await alice.GraftAsync(run);

        Assert.Contains("[shutdown] ", (await alice.Closed.WaitAsync(Patience.Default))!.Message, StringComparison.Ordinal);
        await stopped.WaitAsync(Patience.Default);
        Assert.Equal(1, published.SequenceNumber);
        Assert.Equal(TimeSpan.FromSeconds(4), application.Services.GetRequiredService<Microsoft.Extensions.Options.IOptions<HostOptions>>().Value.ShutdownTimeout);
    }

    [Fact]
    public async Task One_that_is_in_a_hurry_gets_none()
    {
        await using var application = await StartAsync(Timeout.InfiniteTimeSpan);
        await using var alice = await HubClient.ConnectAsync(application.Address, TestTokens.Create("alice"));
        await alice.JoinAsync(Guid.NewGuid());
        using var hurry = new CancellationTokenSource();

        var stopped = application.Services.GetRequiredService<IHost>().StopAsync(hurry.Token);
        Assert.False(alice.Closed.IsCompleted);
        await hurry.CancelAsync();

        Assert.Contains("[shutdown] ", (await alice.Closed.WaitAsync(Patience.Default))!.Message, StringComparison.Ordinal);
        // What the host makes of its being hurried is its own affair.
        await ((Task)Task.WhenAny(stopped)).WaitAsync(Patience.Default);
    }

    private static Task<HostApplication> StartAsync(TimeSpan timeout) => HostApplication.StartAsync(
        services => services.Configure<HostOptions>(host => host.ShutdownTimeout = timeout),
        collab => collab.UseJwtBearer().Configure(options => (options.Drain.DelaySeconds, options.Drain.OverSeconds) = (600, 600)),
        app =>
        {
            app.UseAuthentication();
            app.UseAuthorization();
            app.MapCollab();
        });
}
