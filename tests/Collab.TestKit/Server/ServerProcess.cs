using System.Diagnostics;
using System.Net;
using System.Text.RegularExpressions;

namespace Collab.TestKit;

/// <summary>The built server as a process of its own, in a temporary working folder, on a free port of 127.0.0.1. Disposing kills it.</summary>
public sealed partial class ServerProcess : IAsyncDisposable
{
    private readonly TemporaryFolder _folder = new("server");
    private readonly ServerSettings _settings;
    private ChildProcess? _process;
    private Uri? _address;

    private ServerProcess(ServerSettings settings) => _settings = settings;

    /// <summary>Where the server listens; the same after <see cref="StartAgainAsync"/>.</summary>
    public Uri BaseAddress => _address ?? throw new InvalidOperationException("The server has not said where it listens.");

    /// <summary>What the current process, or the last one, has printed.</summary>
    public Arrivals<string> Output => Process.Output;

    /// <summary><see cref="Output"/> as one text.</summary>
    public string Log => string.Join('\n', Output.All);

    /// <summary>The id of the current process, or the last one.</summary>
    public int Id => Process.Id;

    /// <summary>The working folder: what the configuration names by a relative path is here.</summary>
    public string WorkingFolder => _folder.Path;

    private ChildProcess Process => _process ?? throw new InvalidOperationException("The server was never started.");

    /// <summary>Starts a server.</summary>
    /// <param name="settings">Its configuration; null for the defaults.</param>
    /// <returns>Completes when the server is ready.</returns>
    /// <exception cref="InvalidOperationException">The server ended instead; the message holds what it printed.</exception>
    public static async Task<ServerProcess> StartAsync(ServerSettings? settings = null)
    {
        var server = new ServerProcess(settings ?? new ServerSettings());
        try
        {
            await server.StartAgainAsync();
            return server;
        }
        catch
        {
            await server.DisposeAsync();
            throw;
        }
    }

    /// <summary>Starts the server that was stopped or killed: same configuration, working folder and port.</summary>
    /// <returns>Completes when the server is ready.</returns>
    public async Task StartAgainAsync()
    {
        if (_process is not null) await _process.DisposeAsync();
        _process = ChildProcess.Start(Command());
        _address = new Uri((await _process.WaitForLineAsync(Listening())).Groups["address"].Value);
        if (_settings.WaitUntilReady) await BecomeReadyAsync();
    }

    /// <summary>Waits until <c>/health/ready</c> answers 200.</summary>
    public async Task BecomeReadyAsync()
    {
        using var http = new HttpClient { BaseAddress = BaseAddress };
        await Eventually.TrueAsync(IsReadyAsync, Patience.Process);

        async Task<bool> IsReadyAsync()
        {
            if (Process.Exited.IsCompleted) throw Process.Failed("ended before it was ready");
            try
            {
                using var response = await http.GetAsync(new Uri("health/ready", UriKind.Relative));
                return response.StatusCode == HttpStatusCode.OK;
            }
            catch (HttpRequestException)
            {
                return false;
            }
        }
    }

    /// <summary>Ends the server without a last word (SIGKILL).</summary>
    public async Task KillAsync() => await Process.EndAsync(Signal.Kill);

    /// <summary>Asks the server to end (SIGTERM) and waits until it has.</summary>
    /// <returns>Its exit code.</returns>
    public Task<int> StopAsync() => Process.EndAsync(Signal.Terminate);

    /// <summary>Waits for the server to end by itself.</summary>
    /// <returns>Its exit code.</returns>
    public Task<int> WaitForExitAsync() => Process.Exited.WaitAsync(Patience.Process);

    /// <summary>Sends any other signal, to freeze the server for example.</summary>
    public void Send(Signal signal) => Process.Send(signal);

    /// <summary>Kills the server and deletes its working folder.</summary>
    public async ValueTask DisposeAsync()
    {
        if (_process is not null) await _process.DisposeAsync();
        _folder.Dispose();
    }

    private ProcessStartInfo Command()
    {
        var dotnet = Environment.GetEnvironmentVariable("DOTNET_HOST_PATH") ?? "dotnet";
        var url = _address?.GetLeftPart(UriPartial.Authority) ?? "http://127.0.0.1:0";
        var program = _settings.Folder is { } folder ? Path.GetFullPath("Collab.Server.dll", Path.GetFullPath(folder)) : Repository.AssemblyOf(_settings.Project);
        var start = new ProcessStartInfo(dotnet, [program, "--urls", url])
        {
            WorkingDirectory = _folder.Path,
        };
        _settings.ApplyTo(start.Environment);
        return start;
    }

    [GeneratedRegex(@"Now listening on: (?<address>http://127\.0\.0\.1:\d+)", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Listening();
}
