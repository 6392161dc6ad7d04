using System.Globalization;
using System.Text.RegularExpressions;
using Npgsql;

namespace Collab.TestKit;

/// <summary>A cluster of its own in a temporary folder, run by the machine's PostgreSQL programs.</summary>
internal sealed partial class LocalPostgres : PrivatePostgres
{
    private const string Superuser = "postgres";

    private readonly PostgresBinaries _binaries;
    private readonly TemporaryFolder _folder = new("postgres");
    private readonly int _port = FreePort.Next();
    private ChildProcess? _postmaster;

    private LocalPostgres(PostgresBinaries binaries) => _binaries = binaries;

    protected override string ConnectionString => new NpgsqlConnectionStringBuilder
    {
        Host = "127.0.0.1",
        Port = _port,
        Username = Superuser,
        Database = "postgres",
    }.ConnectionString;

    private string Data => _folder["data"];

    private ChildProcess Postmaster => _postmaster ?? throw new InvalidOperationException("This PostgreSQL does not run.");

    public static async Task<LocalPostgres> StartAsync(PostgresBinaries binaries)
    {
        var server = new LocalPostgres(binaries);
        try
        {
            await server.InitializeAsync();
            await server.StartAgainAsync();
            return server;
        }
        catch
        {
            await server.DisposeAsync();
            throw;
        }
    }

    public override async Task StartAgainAsync()
    {
        if (_postmaster is not null) throw new InvalidOperationException("This PostgreSQL runs already.");
        var settings = Settings().SelectMany(setting => new[] { "-c", setting });
        _postmaster = ChildProcess.Start(_binaries.Command("postgres", _folder, ["-D", Data, .. settings]));
        await _postmaster.WaitForLineAsync(Ready());
    }

    public override Task StopAsync() => EndAsync(Signal.Interrupt);

    public override async Task KillAsync()
    {
        await PauseAsync(); // so that it starts no more children while they are ended
        foreach (var child in Signals.ChildrenOf(Postmaster.Id)) Signals.Send(child, Signal.Kill);
        await EndAsync(Signal.Kill);
    }

    public override Task PauseAsync() => SendToAll(Signal.Stop);

    public override Task ResumeAsync() => SendToAll(Signal.Continue);

    public override async ValueTask DisposeAsync()
    {
        if (_postmaster is not null)
        {
            await ResumeAsync();
            await EndAsync(Signal.Quit);
        }
        SharedMemory.RemoveWhatWasLeftBy(Data);
        _folder.Dispose();
    }

    private async Task InitializeAsync()
    {
        await PostgresBinaries.HandOverAsync(_folder);
        await ChildProcess.RunAsync(_binaries.Command(
            "initdb", _folder, $"--pgdata={Data}", $"--username={Superuser}", "--auth=trust", "--encoding=UTF8", "--locale=C", "--no-sync"));
    }

    /// <summary>As durable as production, and nothing outside the folder but the port. What is said here, a test cannot change by ALTER SYSTEM.</summary>
    private string[] Settings() =>
    [
        "listen_addresses=127.0.0.1",
        string.Create(CultureInfo.InvariantCulture, $"port={_port}"),
        $"unix_socket_directories={_folder.Path}",
        "dynamic_shared_memory_type=mmap",
        "max_connections=200",
        "fsync=on",
    ];

    private Task SendToAll(Signal signal)
    {
        Postmaster.Send(signal);
        foreach (var child in Signals.ChildrenOf(Postmaster.Id)) Signals.Send(child, signal);
        return Task.CompletedTask;
    }

    private async Task EndAsync(Signal signal)
    {
        await Postmaster.EndAsync(signal);
        await Postmaster.DisposeAsync();
        _postmaster = null;
    }

    [GeneratedRegex("database system is ready to accept connections", RegexOptions.None, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Ready();
}
