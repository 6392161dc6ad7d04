using System.Diagnostics;
using System.Globalization;
using System.Text.RegularExpressions;

namespace Collab.TestKit;

/// <summary>A process that a test started, with what it printed. Disposing ends it.</summary>
public sealed class ChildProcess : IAsyncDisposable
{
    private const int KeptLines = 5000;

    private readonly Process _process;

    private ChildProcess(ProcessStartInfo start)
    {
        start.RedirectStandardInput = start.RedirectStandardOutput = start.RedirectStandardError = true;
        _process = new Process { StartInfo = start };
        _process.OutputDataReceived += Keep;
        _process.ErrorDataReceived += Keep;
        _process.Start();
        _process.StandardInput.Close();
        _process.BeginOutputReadLine();
        _process.BeginErrorReadLine();
        Id = _process.Id;
        Exited = AwaitExitAsync();
    }

    /// <summary>The operating system's id of the process.</summary>
    public int Id { get; }

    /// <summary>The lines printed to both outputs; the oldest go once there are several thousand.</summary>
    public Arrivals<string> Output { get; } = new(KeptLines);

    /// <summary>Completes with the exit code when the process has ended and its last line was read.</summary>
    public Task<int> Exited { get; }

    /// <summary>Starts a process.</summary>
    public static ChildProcess Start(ProcessStartInfo start) => new(start);

    /// <summary>Runs a short command to its end.</summary>
    /// <exception cref="InvalidOperationException">It ended with another exit code than 0; the message holds its output.</exception>
    public static async Task RunAsync(ProcessStartInfo start)
    {
        await using var process = new ChildProcess(start);
        if (await process.Exited.WaitAsync(Patience.Process) != 0) throw process.Failed("failed");
    }

    /// <summary>Waits until a line was printed.</summary>
    /// <returns>The newest line that matches.</returns>
    /// <exception cref="InvalidOperationException">There was none in time, or before the end; the message holds the output.</exception>
    public async Task<Match> WaitForLineAsync(Regex pattern)
    {
        try
        {
            var lines = await Output.WaitForAsync(lines => lines.Any(pattern.IsMatch), Patience.Process);
            return pattern.Match(lines.Last(pattern.IsMatch));
        }
        catch (Exception e) when (e is InvalidOperationException or TimeoutException)
        {
            throw Failed($"did not print `{pattern}`");
        }
    }

    /// <summary>Sends a signal to this process.</summary>
    public void Send(Signal signal) => Signals.Send(Id, signal);

    /// <summary>Sends a signal that ends the process, and waits for the end.</summary>
    /// <returns>The exit code; 128 + the signal's number if the signal ended it.</returns>
    public async Task<int> EndAsync(Signal signal)
    {
        if (!Exited.IsCompleted && !_process.HasExited) Send(signal);
        try
        {
            return await Exited.WaitAsync(Patience.Process);
        }
        catch (TimeoutException)
        {
            throw Failed($"did not end after {signal}");
        }
    }

    /// <summary>An exception that says what happened to the process, with its output.</summary>
    public InvalidOperationException Failed(string what)
    {
        var start = _process.StartInfo;
        return new($"`{start.FileName} {string.Join(' ', start.ArgumentList)}` {what}. Its output:\n{string.Join('\n', Output.All)}");
    }

    /// <summary>Kills the process if it still runs.</summary>
    public async ValueTask DisposeAsync()
    {
        await EndAsync(Signal.Kill);
        _process.Dispose();
    }

    private void Keep(object sender, DataReceivedEventArgs line)
    {
        if (line.Data is { } text) Output.Add(text);
    }

    private async Task<int> AwaitExitAsync()
    {
        await _process.WaitForExitAsync();
        Output.End(string.Create(CultureInfo.InvariantCulture, $"{_process.StartInfo.FileName} ended with exit code {_process.ExitCode}."));
        return _process.ExitCode;
    }
}
