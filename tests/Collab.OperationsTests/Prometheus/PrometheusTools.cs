using System.Diagnostics;
using Collab.TestKit;

namespace Collab.OperationsTests.Prometheus;

/// <summary>The programs of Debian's package <c>prometheus</c>.</summary>
internal static class PrometheusTools
{
    /// <summary>How to run one of them.</summary>
    /// <exception cref="InvalidOperationException">It is not installed.</exception>
    public static ProcessStartInfo Command(string program, params IEnumerable<string> arguments) => new(Find(program), arguments);

    /// <summary>Runs <c>promtool</c> to its end.</summary>
    /// <returns>Its exit code, and what it printed.</returns>
    public static Task<(int ExitCode, string Output)> PromtoolAsync(string workingFolder, params IEnumerable<string> arguments)
    {
        var start = Command("promtool", arguments);
        start.WorkingDirectory = workingFolder;
        return RunAsync(start);
    }

    /// <summary>Lints metrics, which <c>promtool</c> reads from its standard input.</summary>
    public static async Task<(int ExitCode, string Output)> LintAsync(string metrics)
    {
        using var folder = new TemporaryFolder("metrics");
        await File.WriteAllTextAsync(folder["metrics.txt"], metrics);
        return await RunAsync(new ProcessStartInfo("sh", ["-c", "exec \"$1\" check metrics <\"$2\"", "sh", Find("promtool"), folder["metrics.txt"]]));
    }

    private static async Task<(int ExitCode, string Output)> RunAsync(ProcessStartInfo start)
    {
        await using var process = ChildProcess.Start(start);
        var exitCode = await process.Exited.WaitAsync(Patience.Process);
        return (exitCode, string.Join('\n', process.Output.All));
    }

    private static string Find(string program) =>
        (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator).Select(folder => Path.Combine(folder, program)).FirstOrDefault(File.Exists)
        ?? throw new InvalidOperationException($"These tests need `{program}`: install Prometheus (Debian: prometheus).");
}
