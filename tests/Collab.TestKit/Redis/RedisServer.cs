using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Text.RegularExpressions;

namespace Collab.TestKit;

/// <summary>A Redis of its own, which can be killed and started again on the same port.</summary>
public sealed partial class RedisServer : IAsyncDisposable
{
    private readonly TemporaryFolder _folder = new("redis");
    private ChildProcess? _process;

    private RedisServer()
    {
    }

    /// <summary>Where it listens.</summary>
    public int Port { get; } = FreePort.Next();

    /// <summary>The operating system's id of the process that runs now.</summary>
    public int Id => _process?.Id ?? throw new InvalidOperationException("Redis does not run.");

    /// <summary>What it has printed since it was started last.</summary>
    public Arrivals<string> Output => _process?.Output ?? throw new InvalidOperationException("It does not run.");

    /// <summary>As StackExchange.Redis writes it.</summary>
    public string Configuration => $"127.0.0.1:{Port}";

    /// <summary>Starts one.</summary>
    /// <returns>Completes when it accepts connections.</returns>
    /// <exception cref="InvalidOperationException">The program is not installed (Debian: redis-server).</exception>
    public static async Task<RedisServer> StartAsync()
    {
        var server = new RedisServer();
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

    /// <summary>Starts it again after it was killed.</summary>
    public async Task StartAgainAsync()
    {
        var start = new ProcessStartInfo(ProgramPath()) { WorkingDirectory = _folder.Path };
        string[] arguments = ["--port", Port.ToString(CultureInfo.InvariantCulture), "--bind", "127.0.0.1", "--save", "", "--daemonize", "no"];
        foreach (var argument in arguments) start.ArgumentList.Add(argument);
        _process = ChildProcess.Start(start);
        await _process.WaitForLineAsync(Ready());
    }

    /// <summary>Sends a command, such as <c>CLIENT KILL TYPE pubsub</c>.</summary>
    /// <returns>The first line of the answer.</returns>
    /// <exception cref="InvalidOperationException">It was refused.</exception>
    public async Task<string> SendAsync(string command)
    {
        using var client = new TcpClient { NoDelay = true };
        await client.ConnectAsync(IPAddress.Loopback, Port);
        await client.GetStream().WriteAsync(Encoding.ASCII.GetBytes($"{command}\r\n"));
        using var reader = new StreamReader(client.GetStream(), Encoding.ASCII);
        var answer = await reader.ReadLineAsync().WaitAsync(Patience.Default) ?? "";
        return answer.StartsWith('-') ? throw new InvalidOperationException(answer) : answer;
    }

    /// <summary>Sends any signal, to freeze it for example.</summary>
    public void Send(Signal signal) => (_process ?? throw new InvalidOperationException("Redis does not run.")).Send(signal);

    /// <summary>Ends it without a last word.</summary>
    public async Task KillAsync()
    {
        if (_process is not null) await _process.DisposeAsync();
        _process = null;
    }

    /// <inheritdoc />
    public async ValueTask DisposeAsync()
    {
        await KillAsync();
        _folder.Dispose();
    }

    private static string ProgramPath() =>
        (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries)
            .Select(folder => Path.Combine(folder, "redis-server")).FirstOrDefault(File.Exists)
        ?? throw new InvalidOperationException("The tests need Redis: install it (Debian: redis-server).");

    [GeneratedRegex("Ready to accept connections", RegexOptions.None, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Ready();
}
