using System.Diagnostics;
using Collab.TestKit;

namespace Collab.CliTests.Kit;

/// <summary>The built tool as a process of its own, with what it printed to either output. Disposing ends it.</summary>
internal sealed class Tool : IAsyncDisposable
{
    private readonly Process _process;
    private readonly Task[] _reading;

    private Tool(ProcessStartInfo start, string input)
    {
        start.RedirectStandardInput = start.RedirectStandardOutput = start.RedirectStandardError = true;
        _process = Process.Start(start)!;
        _process.StandardInput.Write(input);
        _process.StandardInput.Close();
        _reading = [ReadAsync(_process.StandardOutput, Out), ReadAsync(_process.StandardError, Error)];
        Exited = AwaitExitAsync();
    }

    /// <summary>The tool's assembly.</summary>
    public static string Assembly { get; } = Path.Combine(Repository.Root, "src", "Collab.Cli", "bin", Repository.Configuration, "net10.0", "collab.dll");

    /// <summary>What it was asked for.</summary>
    public Arrivals<string> Out { get; } = new();

    /// <summary>What it said meanwhile.</summary>
    public Arrivals<string> Error { get; } = new();

    /// <summary>Completes with the exit code.</summary>
    public Task<int> Exited { get; }

    /// <summary>Starts it.</summary>
    /// <param name="environment">What it has in its environment beside what the tests have; nothing of Collab's unless it is here.</param>
    /// <param name="arguments">Its command line.</param>
    public static Tool Start(IReadOnlyDictionary<string, string> environment, params IEnumerable<string> arguments) =>
        Start("dotnet", [Assembly, .. arguments], environment);

    /// <summary>Starts another program, which starts it.</summary>
    public static Tool Start(string program, IEnumerable<string> arguments, IReadOnlyDictionary<string, string> environment, string input = "")
    {
        var start = new ProcessStartInfo(program, arguments);
        foreach (var name in start.Environment.Keys.Where(IsOurs).ToArray()) start.Environment.Remove(name);
        foreach (var (name, value) in environment) start.Environment[name] = value;
        return new(start, input);
    }

    /// <summary>Runs it to its end.</summary>
    public static async Task<Ended> RunAsync(IReadOnlyDictionary<string, string> environment, params IEnumerable<string> arguments)
    {
        await using var tool = Start(environment, arguments);
        return await tool.EndAsync();
    }

    /// <summary>Presses Ctrl+C.</summary>
    public async Task InterruptAsync()
    {
        using var kill = Process.Start("sh", ["-c", $"kill -INT {_process.Id}"]);
        await kill.WaitForExitAsync();
    }

    /// <summary>Waits for its end.</summary>
    public async Task<Ended> EndAsync() => new(await Exited.WaitAsync(Patience.Process), Out.All, Error.All);

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited) _process.Kill(entireProcessTree: true);
        await Exited.WaitAsync(Patience.Process);
        _process.Dispose();
    }

    private static bool IsOurs(string name) => name.StartsWith("COLLAB_", StringComparison.Ordinal) || name is "NO_COLOR" or "TERM";

    private static async Task ReadAsync(StreamReader reader, Arrivals<string> lines)
    {
        while (await reader.ReadLineAsync() is { } line) lines.Add(line);
    }

    private async Task<int> AwaitExitAsync()
    {
        await _process.WaitForExitAsync();
        await Task.WhenAll(_reading);
        var end = $"It ended with exit code {_process.ExitCode}; on standard error: {string.Join('\n', Error.All)}";
        Out.End(end);
        Error.End(end);
        return _process.ExitCode;
    }
}

/// <summary>What is left of a tool that has ended.</summary>
internal sealed record Ended(int ExitCode, string[] Out, string[] Error)
{
    /// <summary>All that it said meanwhile.</summary>
    public string ErrorText => string.Join('\n', Error);
}
