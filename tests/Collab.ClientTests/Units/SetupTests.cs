using Collab.Client;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;
using Xunit;

namespace Collab.ClientTests.Units;

/// <summary>How an application comes by a client.</summary>
public sealed class SetupTests
{
    [Fact]
    public void All_that_is_wrong_with_the_options_is_said_at_once()
    {
        var options = new CollabClientOptions
        {
            BaseAddress = new Uri("ftp://collab.example.com"),
            MaxQueued = 0,
            MaxEvents = -1,
            PollInterval = TimeSpan.Zero,
            PingInterval = TimeSpan.FromDays(1),
        };

        var failures = Assert.Throws<OptionsValidationException>(() => new CollabClient(options)).Failures.ToArray();

        Assert.All(
            ["BaseAddress", "Token", "MaxQueued", "MaxEvents", "PollInterval", "PingInterval"],
            name => Assert.Contains(failures, failure => failure.Contains(name)));
    }

    [Fact]
    public async Task A_client_that_is_configured_wrongly_stops_the_start_of_its_application()
    {
        var builder = Host.CreateEmptyApplicationBuilder(null);
        builder.Services.AddCollabClient(options => options.BaseAddress = new Uri("https://collab.example.com"));
        using var host = builder.Build();

        var error = await Assert.ThrowsAsync<OptionsValidationException>(() => host.StartAsync());

        Assert.Contains("Token", error.Message);
    }

    [Fact]
    public async Task An_application_has_one_client()
    {
        var services = new ServiceCollection();
        services.AddCollabClient();
        services.AddCollabClient(options =>
        {
            options.BaseAddress = new Uri("https://collab.example.com");
            options.Token = _ => ValueTask.FromResult("token");
        });
        await using var provider = services.BuildServiceProvider(validateScopes: true);

        Assert.Same(provider.GetRequiredService<CollabClient>(), provider.GetRequiredService<CollabClient>());
        Assert.Single(services, service => service.ServiceType == typeof(CollabClient));
    }
}
