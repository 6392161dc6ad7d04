using System.ComponentModel.DataAnnotations;
using System.Reflection;
using Collab.AspNetCore;
using Collab.AspNetCore.Store;
using Collab.Protocol;
using Collab.TestKit;
using Microsoft.Extensions.Configuration;
using Xunit;

namespace Collab.UnitTests.Options;

/// <summary>Bad configuration stops the start with one message that names every bad key.</summary>
public sealed class CollabOptionsTests
{
    [Fact]
    public void Without_configuration_the_defaults_are_valid()
    {
        var (options, errors) = Read([]);

        Assert.Empty(errors);
        Assert.Equal((StoreProvider.Sqlite, "data/collab.db", 1000, 16_384, 2000), (
            options.Store.Provider, options.Store.Path, options.Retention.EventsPerRun, options.Limits.EventBytes, options.Polling.IntervalMs));
    }

    [Fact]
    public void Every_key_of_the_contract_is_read()
    {
        var (options, errors) = Read(new()
        {
            ["Collab:Store:Provider"] = "postgres",
            ["ConnectionStrings:Collab"] = "Host=localhost",
            ["Collab:Store:MigrateOnStart"] = "false",
            ["Collab:Retention:EventsPerRun"] = "50",
            ["Collab:Events:COMMENT"] = "Critical",
            ["Collab:Events:TYPING"] = "ephemeral",
            ["Collab:Events:STEP:Kind"] = "critical",
            ["Collab:Auth:Authority"] = "https://id.example.com",
            ["Collab:Auth:Audience"] = "collab",
            ["Collab:Limits:PublishPerSecond"] = "0",
            ["Collab:Limits:QueueLength"] = "7",
            ["Collab:Limits:Agent:PublishPerSecond"] = "200",
            ["Collab:Limits:Agent:ConnectionsPerUser"] = "0",
            ["Collab:Polling:IntervalMs"] = "500",
            ["Collab:Cors:Origins"] = "https://a.example.com, http://localhost:4200",
        });

        Assert.Empty(errors);
        Assert.Equal((StoreProvider.Postgres, "Host=localhost", false), (options.Store.Provider, options.Store.ConnectionString, options.Store.MigrateOnStart));
        Assert.Equal([EventKind.Critical, EventKind.Ephemeral, EventKind.Critical], new[] { "COMMENT", "TYPING", "STEP" }.Select(type => options.Events[type].Kind));
        Assert.Equal(("https://id.example.com", "collab"), (options.Auth.Authority, options.Auth.Audience));
        Assert.Equal((50, 0, 7, 500), (options.Retention.EventsPerRun, options.Limits.PublishPerSecond, options.Limits.QueueLength, options.Polling.IntervalMs));
        Assert.Equal((200, 0, null), (options.Limits.Agent.PublishPerSecond, options.Limits.Agent.ConnectionsPerUser, options.Limits.Agent.PublishBurst));
        Assert.Equal(["https://a.example.com", "http://localhost:4200"], options.Cors.Origins);
    }

    [Theory]
    [InlineData("no colon in it, but more than 32 bytes", "Collab:Signing:Key:0: must be an id and a secret with a colon between them.")]
    [InlineData("k 1:a secret of more than 32 bytes, and more", "Collab:Signing:Key:0: its id must have 1 to 32 letters, digits, - and _ before the colon.")]
    [InlineData("k1:a secret too short", "Collab:Signing:Key:0: its secret, after the colon, must have at least 32 bytes.")]
    public void A_bad_signing_key_is_named_and_not_told(string key, string error) =>
        Assert.Equal([error], Read(new() { ["Collab:Signing:Key:0"] = key }).Errors);

    [Fact]
    public void Signing_keys_have_ids_of_their_own_and_a_start_needs_a_key()
    {
        const string Secret = "a secret of more than 32 bytes, and more";
        Assert.Equal(["Collab:Signing:Key:1: another key has the same id."],
            Read(new() { ["Collab:Signing:Key:0"] = $"k:{Secret}", ["Collab:Signing:Key:1"] = $"k:{Secret}" }).Errors);
        Assert.Equal(["Collab:Signing:StartsAt: says nothing without Collab:Signing:Key."],
            Read(new() { ["Collab:Signing:StartsAt"] = "2026-12-01T00:00:00Z" }).Errors);
        Assert.Empty(Read(new() { ["Collab:Signing:Key"] = $"k:{Secret.Replace(",", "", StringComparison.Ordinal)}", ["Collab:Signing:StartsAt"] = "2026-12-01T00:00:00Z" }).Errors);
    }

    [Fact]
    public void What_clients_sign_with_is_read_and_a_secret_that_is_too_short_is_named_and_not_told()
    {
        var (options, errors) = Read(new() { ["Collab:Signing:Clients:Required"] = "true", ["Collab:Signing:Clients:Secret:0"] = "a secret of more than 32 bytes - and more" });
        Assert.Empty(errors);
        Assert.Equal((true, "a secret of more than 32 bytes - and more"), (options.Signing.Clients.Required, Assert.Single(options.Signing.Clients.Secret)));
        Assert.False(new CollabOptions().Signing.Clients.Required);
        // Ed25519 keys come with the tokens.
        Assert.Empty(Read(new() { ["Collab:Signing:Clients:Required"] = "true" }).Errors);
        Assert.Equal(["Collab:Signing:Clients:Secret:1: must have at least 32 bytes."],
            Read(new() { ["Collab:Signing:Clients:Secret:0"] = new string('x', 32), ["Collab:Signing:Clients:Secret:1"] = "short" }).Errors);
        Assert.Equal("Collab:Signing:Clients:Requierd: there is no such key. Is Collab:Signing:Clients:Required meant?",
            Assert.Single(Read(new() { ["Collab:Signing:Clients:Requierd"] = "true" }).Errors));
    }

    [Fact]
    public void A_list_can_be_indexed_too()
    {
        var (options, _) = Read(new() { ["Collab:Cors:Origins:0"] = "https://a.example.com", ["Collab:Cors:Origins:1"] = "https://b.example.com" });

        Assert.Equal(["https://a.example.com", "https://b.example.com"], options.Cors.Origins);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(7)]
    public void Both_stores_wait_as_long_as_the_option_says(int seconds)
    {
        using var folder = new TemporaryFolder("timeout");
        var options = new StoreOptions { TimeoutSeconds = seconds, Path = folder["events.db"], ConnectionString = "Host=db;Command Timeout=90" };

        var postgres = PostgresConnectionString.Complete(options);
        using var sqlite = new SqliteRunStore(options).Open();

        Assert.Equal((seconds, seconds, seconds), (postgres.CommandTimeout, postgres.Timeout, sqlite.DefaultTimeout));
    }

    [Fact]
    public void All_errors_are_reported_at_once_each_naming_its_key()
    {
        var bad = new Dictionary<string, string?>
        {
            ["Collab:Store:Provider"] = "Oracle",
            ["Collab:Store:MigrateOnStart"] = "perhaps",
            ["Collab:Store:Path"] = "",
            ["Collab:Store:TimeoutSeconds"] = "0",
            ["Collab:Retention:EventsPerRun"] = "many",
            ["Collab:Events:lower"] = "Critical",
            ["Collab:Events:GRAFT"] = "Ephemeral",
            ["Collab:Events:COMMENT"] = "Important",
            ["Collab:Limits:EventBytes"] = "-1",
            ["Collab:Limits:QueueLength"] = "0",
            ["Collab:Polling:IntervalMs"] = "1",
            ["Collab:Drain:DelaySeconds"] = "601",
            ["Collab:Drain:OverSeconds"] = "-1",
            ["Collab:Auth:SigningKey"] = "too short",
            ["Collab:Cors:Origins"] = "https://a.example.com/path",
        };

        var (_, errors) = Read(bad);

        Assert.All(bad.Keys, key => Assert.Single(errors, e => e.StartsWith(key + ":", StringComparison.Ordinal)));
        Assert.Equal(bad.Count, errors.Count);
    }

    [Theory]
    [InlineData("ConnectionStrings:Collab", "Collab:Store:Provider=Postgres")]
    [InlineData("ConnectionStrings:Collab", "ConnectionStrings:Collab=Host=db;Prot=5432")]
    [InlineData("ConnectionStrings:Collab", "ConnectionStrings:Collab=garbage")]
    [InlineData("ConnectionStrings:Collab", "ConnectionStrings:Collab=Host=db;Port=abc")]
    [InlineData("Collab:Store:Path", "Collab:Store:Path=.")]
    [InlineData("Collab:Store:Provider", "Collab:Store:Provider=7")]
    [InlineData("Collab:Auth:Audience", "Collab:Auth:Audience= ")]
    [InlineData("Collab:Auth:Audience", "Collab:Auth:Authority=https://id.example.com")]
    [InlineData("Collab:Auth:Authority", "Collab:Auth:Authority=http://id.example.com", "Collab:Auth:Audience=collab")]
    [InlineData("Collab:Auth:Authority", "Collab:Auth:Authority=nonsense", "Collab:Auth:Audience=collab")]
    [InlineData("Collab:Auth:NameClaim", "Collab:Auth:NameClaim=")]
    [InlineData("Collab:Proxies:Trusted", "Collab:Proxies:Trusted=10.0.0.0/8, proxy.example")]
    [InlineData("Collab:Proxies:PathBase", "Collab:Proxies:PathBase=collab/")]
    [InlineData("Collab:Auth:SigningKey", "Collab:Auth:SigningKey=0123456789abcdef0123456789abcdef", "Collab:Auth:Authority=https://id.example.com", "Collab:Auth:Audience=*")]
    [InlineData("Collab:Auth:SigningKey", "Collab:Auth:SigningKey=0123456789abcdef0123456789abcde")]
    [InlineData("Collab:Cors:Origins", "Collab:Cors:Origins=*")]
    [InlineData("Collab:Events:USER_JOIN", "Collab:Events:USER_JOIN=Critical")]
    [InlineData("Collab:Limits:SubscriberLagBytes", "Collab:Limits:SubscriberLagBytes=1")]
    [InlineData("Collab:Limits:TailBytes", "Collab:Limits:TailBytes=1")]
    [InlineData("Collab:Limits:Agent:PublishPerSecond", "Collab:Limits:Agent:PublishPerSecond=-1")]
    [InlineData("Collab:Limits:Agent:PublishPerSecond", "Collab:Limits:Agent:PublishPerSecond=many")]
    [InlineData("Collab:Retention:EventsPerRun", "Collab:Retention:EventsPerRun=0")]
    public void Each_rule_names_the_key_to_change(string key, params string[] settings)
    {
        var (_, errors) = Read(settings.Select(s => s.Split('=', 2)).ToDictionary(s => s[0], s => (string?)s[1]));

        Assert.StartsWith(key + ":", Assert.Single(errors), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("Collab:Auth:Authority=http://localhost:8080", "Collab:Auth:Audience=collab")]
    [InlineData("Collab:Auth:Authority=https://id.example.com", "Collab:Auth:Audience=*")]
    [InlineData("Collab:Auth:SigningKey=0123456789abcdef0123456789abcdef")]
    [InlineData("Collab:Auth:SigningKey=öööööööööööööööö")]
    [InlineData("Collab:Cors:Origins=https://a.example.com/")]
    [InlineData("Collab:Cors:Origins=HTTPS://A.Example.com:443, http://[::1]:4200, capacitor://localhost")]
    [InlineData("Collab:Proxies:Trusted=10.0.0.0/8, ::1, 192.168.0.7", "Collab:Proxies:PathBase=/collab")]
    [InlineData("Collab:Drain:DelaySeconds=0", "Collab:Drain:OverSeconds=3600")]
    [InlineData("collab:limits:eventbytes=100")]
    public void What_is_allowed_is_not_refused(params string[] settings)
    {
        var (_, errors) = Read(settings.Select(s => s.Split('=', 2)).ToDictionary(s => s[0], s => (string?)s[1]));

        Assert.Empty(errors);
    }

    [Theory]
    [InlineData("Collab:Retention:EventPerRun", "Collab:Retention:EventPerRun", "Collab:Retention:EventsPerRun")]
    [InlineData("Collab:Limit:EventBytes", "Collab:Limit", "Collab:Limits")]
    [InlineData("Collab:Limits:EventsBytes", "Collab:Limits:EventsBytes", "Collab:Limits:EventBytes")]
    [InlineData("Collab:Drain:OverSecond", "Collab:Drain:OverSecond", "Collab:Drain:OverSeconds")]
    [InlineData("Collab:Limits:Agents:PublishPerSecond", "Collab:Limits:Agents", "Collab:Limits:Agent")]
    [InlineData("Collab:Limits:Agent:PublishesPerSecond", "Collab:Limits:Agent:PublishesPerSecond", "Collab:Limits:Agent:PublishPerSecond")]
    [InlineData("Collab:Limits:Agent:TailBytes", "Collab:Limits:Agent:TailBytes", null)]
    [InlineData("Collab:Bus:Rediss", "Collab:Bus:Rediss", "Collab:Bus:Redis")]
    [InlineData("Collab:Signing:Key", "Collab:Signing", null)]
    [InlineData("Collab:Polling:IntervalMs:Default", "Collab:Polling:IntervalMs", null)]
    [InlineData("Collab:Store", "Collab:Store", null)]
    public void A_key_that_nothing_reads_is_refused_with_the_one_that_may_be_meant(string key, string named, string? meant)
    {
        var error = Read(new() { [key] = "1" }).Errors[0];

        Assert.StartsWith(named + ":", error, StringComparison.Ordinal);
        Assert.Equal(meant is not null, error.EndsWith($"Is {meant} meant?", StringComparison.Ordinal));
    }

    /// <summary>What is about one user has a member for agents, of the same range.</summary>
    [Fact]
    public void Each_limit_of_agents_is_one_of_people_and_falls_back_to_it()
    {
        var agents = typeof(AgentLimitOptions).GetProperties();
        Assert.NotEmpty(agents);
        foreach (var ofAgents in agents)
        {
            var ofPeople = typeof(LimitOptions).GetProperty(ofAgents.Name)!;
            Assert.Equal(RangeOf(ofPeople), RangeOf(ofAgents));
            var limits = new LimitOptions();
            ofPeople.SetValue(limits, 71);
            Assert.Equal(71, ofPeople.GetValue(limits.For(ParticipantKind.Agent)));
            ofAgents.SetValue(limits.Agent, 72);
            Assert.Equal((72, 71), (ofPeople.GetValue(limits.For(ParticipantKind.Agent)), ofPeople.GetValue(limits.For(ParticipantKind.Person))));
        }

        static (object, object) RangeOf(PropertyInfo property)
        {
            var range = property.GetCustomAttribute<RangeAttribute>()!;
            return (range.Minimum, range.Maximum);
        }
    }

    [Theory]
    [InlineData("https://a.example.com/", "https://a.example.com")]
    [InlineData("HTTPS://A.Example.COM:443", "https://a.example.com")]
    [InlineData("http://a.example.com:8080", "http://a.example.com:8080")]
    [InlineData("https://bücher.example", "https://xn--bcher-kva.example")]
    [InlineData("http://[::1]:4200", "http://[::1]:4200")]
    public void Origins_are_compared_as_browsers_write_them(string configured, string sent)
    {
        var (options, errors) = Read(new() { ["Collab:Cors:Origins"] = configured });

        Assert.Empty(errors);
        Assert.Equal([sent], options.Cors.NormalisedOrigins());
    }

    private static (CollabOptions Options, List<string> Errors) Read(Dictionary<string, string?> settings)
    {
        var binder = new CollabOptionsBinder(new ConfigurationBuilder().AddInMemoryCollection(settings).Build());
        var options = new CollabOptions();
        binder.Configure(options);
        return (options, [.. binder.Validate(null, options).Failures ?? []]);
    }
}
