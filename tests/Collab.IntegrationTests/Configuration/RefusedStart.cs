using System.Diagnostics;
using Collab.TestKit;

namespace Collab.IntegrationTests.Configuration;

/// <summary>A server that is expected not to start.</summary>
internal static class RefusedStart
{
    /// <summary>Starts a server with nothing configured but this, and waits for its end.</summary>
    /// <returns>Its exit code and what it said.</returns>
    public static Task<(int ExitCode, string Output)> RunAsync(string environment, string url, params (string Key, string Value)[] configuration) =>
        RunCommandAsync(command: null, environment, url, configuration);

    /// <summary>As <see cref="RunAsync"/>, with a command instead of serving.</summary>
    public static async Task<(int ExitCode, string Output)> RunCommandAsync(
        string? command, string environment, string url, params (string Key, string Value)[] configuration)
    {
        using var folder = new TemporaryFolder("refused");
        var dotnet = Environment.GetEnvironmentVariable("DOTNET_HOST_PATH") ?? "dotnet";
        var start = new ProcessStartInfo(dotnet, [Repository.AssemblyOf("src/Collab.Server"), .. (command is null ? Array.Empty<string>() : [command]), "--urls", url]) { WorkingDirectory = folder.Path };
        foreach (var name in start.Environment.Keys.Where(n => n.StartsWith("Collab", StringComparison.OrdinalIgnoreCase) || n.StartsWith("ASPNETCORE", StringComparison.Ordinal)).ToArray())
            start.Environment.Remove(name);
        start.Environment["ASPNETCORE_ENVIRONMENT"] = environment;
        foreach (var (key, value) in configuration) start.Environment[key.Replace(":", "__", StringComparison.Ordinal)] = value;
        await using var process = ChildProcess.Start(start);
        var code = await process.Exited.WaitAsync(Patience.Process);
        return (code, string.Join('\n', process.Output.All));
    }
}
