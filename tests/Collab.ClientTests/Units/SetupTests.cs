using System.Reflection;
using Collab.Client;
using Collab.ClientTests.Kit;
using Collab.Protocol;
using Collab.TestKit;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Xunit;

namespace Collab.ClientTests.Units;

/// <summary>How an application comes by a client.</summary>
public sealed class SetupTests
{
    /// <summary>The build then holds the code to it: what a trimmed or natively compiled application has not is an error.</summary>
    [Theory]
    [InlineData(typeof(CollabClient))]
    [InlineData(typeof(CollaborationEvent))]
    public void The_client_and_the_protocol_can_be_trimmed_and_compiled_natively(Type type)
    {
        var said = type.Assembly.GetCustomAttributes<AssemblyMetadataAttribute>().ToDictionary(a => a.Key, a => a.Value, StringComparer.Ordinal);

        Assert.Equal("True", said.GetValueOrDefault("IsTrimmable"));
        Assert.Equal("True", said.GetValueOrDefault("IsAotCompatible"));
    }

    [Fact]
    public void All_that_is_wrong_with_the_options_is_said_at_once()
    {
        var options = new CollabClientOptions
        {
            BaseAddress = new Uri("ftp://collab.example.com"),
            Protocol = (HubProtocol)2,
            MaxQueued = 0,
            MaxEvents = -1,
            PollInterval = TimeSpan.Zero,
            PingInterval = TimeSpan.FromDays(1),
            QueueFolder = " ",
        };

        var failures = Assert.Throws<OptionsValidationException>(() => new CollabClient(options)).Failures.ToArray();

        Assert.All(
            ["BaseAddress", "Protocol", "MaxQueued", "MaxEvents", "PollInterval", "PingInterval", "QueueFolder"],
            name => Assert.Contains(failures, failure => failure.Contains(name)));
    }

    [Fact]
    public async Task A_client_that_is_configured_wrongly_stops_the_start_of_its_application()
    {
        var builder = Host.CreateEmptyApplicationBuilder(null);
        builder.Services.AddCollabClient();
        using var host = builder.Build();

        var error = await Assert.ThrowsAsync<OptionsValidationException>(() => host.StartAsync());

        Assert.Contains("BaseAddress", error.Message);
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

    [Fact]
    public async Task A_request_is_not_logged_as_a_poll_every_two_seconds_would_flood_the_log()
    {
        var log = new Arrivals<string>();
        var services = new ServiceCollection();
        services.AddLogging(logging => logging.SetMinimumLevel(LogLevel.Trace).AddProvider(new ListLogger(log)));
        services.AddCollabClient(options =>
        {
            options.BaseAddress = new Uri("http://127.0.0.1:9");
            options.Token = _ => ValueTask.FromResult("token");
        });
        await using var provider = services.BuildServiceProvider(validateScopes: true);
        using var http = provider.GetRequiredService<IHttpClientFactory>().CreateClient(CollabClientServiceCollectionExtensions.HttpClientName);

        await Assert.ThrowsAsync<HttpRequestException>(() => http.GetAsync(new Uri("http://127.0.0.1:9")));

        Assert.Empty(log.All);
    }

    [Fact]
    public async Task Each_scope_can_have_a_client_of_its_own_user()
    {
        var services = new ServiceCollection();
        services.AddScoped<User>();
        services.AddOptions<CollabClientOptions>().Configure<User>((options, user) => options.Token = _ => user.TokenAsync());
        services.AddCollabClient(options => options.BaseAddress = new Uri("http://127.0.0.1:9"), ServiceLifetime.Scoped);
        await using var provider = services.BuildServiceProvider(validateScopes: true);
        await using var ana = provider.CreateAsyncScope();
        await using var ben = provider.CreateAsyncScope();

        Assert.Same(ana.ServiceProvider.GetRequiredService<CollabClient>(), ana.ServiceProvider.GetRequiredService<CollabClient>());
        Assert.NotSame(ana.ServiceProvider.GetRequiredService<CollabClient>(), ben.ServiceProvider.GetRequiredService<CollabClient>());
        foreach (var (name, scope) in new[] { ("ana", ana), ("ben", ben) })
        {
            scope.ServiceProvider.GetRequiredService<User>().Name = name;
            var run = scope.ServiceProvider.GetRequiredService<CollabClient>().Open(Guid.NewGuid());
            var snapshot = await run.WaitForAsync(now => now.UserId is not null).WaitAsync(TestKit.Patience.Default);
            Assert.Equal(name, snapshot.UserId);
        }
    }

    [Fact]
    public async Task The_end_of_a_scope_ends_what_its_client_has_open()
    {
        var services = new ServiceCollection();
        services.AddCollabClient(
            options => (options.BaseAddress, options.Token) = (new Uri("http://127.0.0.1:9"), _ => ValueTask.FromResult("token")),
            ServiceLifetime.Scoped);
        await using var provider = services.BuildServiceProvider(validateScopes: true);
        RunConnection run;
        await using (var scope = provider.CreateAsyncScope())
        {
            run = scope.ServiceProvider.GetRequiredService<CollabClient>().Open(Guid.NewGuid());
        }

        Assert.Throws<ObjectDisposedException>(run.Connect);
        Assert.Equal(0, run.Core.Strand.UnderWay);
    }

    [Fact]
    public async Task What_a_proxy_gives_one_user_to_keep_is_not_for_the_others()
    {
        var services = new ServiceCollection();
        services.AddCollabClient(lifetime: ServiceLifetime.Scoped);
        await using var provider = services.BuildServiceProvider();

        var handler = provider.GetRequiredService<IHttpMessageHandlerFactory>().CreateHandler(CollabClientServiceCollectionExtensions.HttpClientName);
        while (handler is DelegatingHandler { InnerHandler: { } inner }) handler = inner;

        Assert.False(Assert.IsType<SocketsHttpHandler>(handler).UseCookies);
    }

    [Fact]
    public void A_container_that_cannot_wait_can_be_disposed_of_with_its_client_and_its_runs()
    {
        var services = new ServiceCollection();
        services.AddCollabClient(options => options.BaseAddress = new Uri("http://127.0.0.1:9"));
        services.AddSingleton(provider => provider.GetRequiredService<CollabClient>().Open(Guid.NewGuid()));
        RunConnection run;
        using (var provider = services.BuildServiceProvider())
        {
            run = provider.GetRequiredService<RunConnection>();
        }

        Assert.Throws<ObjectDisposedException>(run.Connect);
    }

    [Fact]
    public void A_client_that_nobody_keeps_is_not_on_offer() =>
        Assert.Throws<ArgumentOutOfRangeException>(() => new ServiceCollection().AddCollabClient(lifetime: ServiceLifetime.Transient));

    private sealed class User
    {
        public string Name { get; set; } = "";

        public ValueTask<string> TokenAsync() => ValueTask.FromResult(FakeTokens.Create(Name, null, 1));
    }
}
