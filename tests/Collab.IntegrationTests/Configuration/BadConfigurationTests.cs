using Collab.AspNetCore;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Options;
using Xunit;

namespace Collab.IntegrationTests.Configuration;

/// <summary>Bad configuration stops the start with one clear message that names every bad key.</summary>
public sealed class BadConfigurationTests
{
    [Fact]
    public async Task All_bad_keys_are_named_at_once()
    {
        (string Key, string Value)[] bad =
        [
            ("Collab:Limits:EventBytes", "abc"),
            ("Collab:Limits:PublishPerSecond", "-1"),
            ("Collab:Limits:QueueLength", "0"),
            ("Collab:Limits:CursorPerSecond", "99999999999999999999"),
            ("Collab:Store:MigrateOnStart", "maybe"),
            ("Collab:Retention:EventsPerRun", "0"),
            ("Collab:Polling:IntervalMs", "0"),
            ("Collab:Auth:SigningKey", "short"),
            ("Collab:Cors:Origins", "https://app.example/path"),
            ("Collab:Events:lower", "Critical"),
            ("Collab:Events:GRAFT", "Ephemeral"),
            ("Collab:Events:COMMENT", "Sometimes"),
            ("Collab:Retention:EventPerRun", "5"),
            ("Collab:Bus:Rediss", "127.0.0.1"),
        ];

        var (exitCode, output) = await RefusedStart.RunAsync("Production", "http://127.0.0.1:0", bad);

        Assert.NotEqual(0, exitCode);
        Assert.All(bad, b => Assert.Contains(b.Key, output, StringComparison.Ordinal));
        Assert.DoesNotContain("   at ", output, StringComparison.Ordinal);
        Assert.DoesNotContain("Now listening", output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("Collab:Store:Provider", "Oracle")]
    [InlineData("Collab:Store:Provider", "7")]
    [InlineData("Collab:Store:Provider", "Postgres", "ConnectionStrings:Collab")]
    [InlineData("Collab:Store:Path", " ")]
    [InlineData("Collab:Cors:Origins", "*")]
    [InlineData("Collab:Auth:Authority", "https://issuer.example", "Collab:Auth:Audience: must be set")]
    [InlineData("Collab:Limit:EventBytes", "5", "Is Collab:Limits meant?")]
    [InlineData("Collab:Auth:Authority", "http://issuer.example")]
    [InlineData("Collab:Auth:Authority", "not an address")]
    [InlineData("Collab:Retention:EventsPerRun", "")]
    public async Task A_bad_value_names_its_key(string key, string value, string? named = null)
    {
        var (exitCode, output) = await RefusedStart.RunAsync("Production", "http://127.0.0.1:0", (key, value));

        Assert.NotEqual(0, exitCode);
        Assert.Contains(named ?? key, output, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", output, StringComparison.Ordinal);
    }

    /// <summary>There it ends as the application's own exception, of which people read the first line.</summary>
    [Theory]
    [InlineData("Collab:Limits:EventBites", "5", "Collab:Limits:EventBites: there is no such key. Is Collab:Limits:EventBytes meant?")]
    [InlineData("Collab:Limits:EventBytes", "abc", "Collab:Limits:EventBytes: 'abc' is not a whole number.")]
    public async Task In_an_application_of_ones_own_the_exception_begins_with_the_key(string key, string value, string message)
    {
        var builder = WebApplication.CreateBuilder();
        builder.Configuration.AddInMemoryCollection([new(key, value)]);
        builder.Services.AddCollab();
        await using var app = builder.Build();

        var refusal = Assert.Throws<OptionsValidationException>(() => app.MapCollab());

        Assert.Equal(message, refusal.Message);
    }
}
