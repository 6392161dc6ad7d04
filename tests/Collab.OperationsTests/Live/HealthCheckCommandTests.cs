using System.Diagnostics;
using Collab.TestKit;
using Xunit;

namespace Collab.OperationsTests.Live;

/// <summary><c>Collab.Server healthcheck</c>, by which a container's engine asks how the server is.</summary>
public sealed class HealthCheckCommandTests
{
    [Fact]
    public async Task It_ends_with_0_only_while_the_server_is_ready()
    {
        await using var server = await ServerProcess.StartAsync();
        Assert.Equal(0, await AskAsync(Urls(server.BaseAddress.GetLeftPart(UriPartial.Authority))));

        await server.StopAsync();
        Assert.Equal(1, await AskAsync(Urls(server.BaseAddress.GetLeftPart(UriPartial.Authority))));
    }

    [Fact]
    public async Task A_server_whose_store_has_no_tables_is_not_ready()
    {
        await using var server = await ServerProcess.StartAsync(new ServerSettings
        {
            Configuration = new Dictionary<string, string?> { ["Collab:Store:MigrateOnStart"] = "false" },
            WaitUntilReady = false,
        });

        Assert.Equal(1, await AskAsync(Urls(server.BaseAddress.GetLeftPart(UriPartial.Authority))));
    }

    /// <summary>It finds the port by whichever setting the server was given it, and a server on all interfaces on this machine.</summary>
    [Theory]
    [InlineData("ASPNETCORE_HTTP_PORTS", "{0}")]
    [InlineData("ASPNETCORE_URLS", "https://*:1;http://*:{0}")]
    [InlineData("URLS", "http://0.0.0.0:{0}")]
    [InlineData("Kestrel__Endpoints__Main__Url", "http://127.0.0.1:{0}")]
    public async Task It_reads_the_port_from_the_servers_own_settings(string name, string value)
    {
        await using var server = await ServerProcess.StartAsync();

        Assert.Equal(0, await AskAsync((name, string.Format(System.Globalization.CultureInfo.InvariantCulture, value, server.BaseAddress.Port))));
    }

    private static (string Name, string Value) Urls(string url) => ("ASPNETCORE_URLS", url);

    /// <summary>Runs the command with one setting and no other.</summary>
    /// <returns>Its exit code.</returns>
    private static async Task<int> AskAsync((string Name, string Value) setting)
    {
        var dotnet = Environment.GetEnvironmentVariable("DOTNET_HOST_PATH") ?? "dotnet";
        using var folder = new TemporaryFolder("healthcheck");
        var start = new ProcessStartInfo(dotnet, [Repository.AssemblyOf("src/Collab.Server"), "healthcheck"]) { WorkingDirectory = folder.Path };
        foreach (var name in start.Environment.Keys.Where(n => n.StartsWith("ASPNETCORE_", StringComparison.Ordinal) || n == "URLS").ToArray()) start.Environment.Remove(name);
        start.Environment[setting.Name] = setting.Value;
        await using var process = ChildProcess.Start(start);
        return await process.Exited.WaitAsync(Patience.Process);
    }
}
