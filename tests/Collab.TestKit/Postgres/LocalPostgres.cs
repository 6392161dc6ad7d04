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
    private SmallDisk? _disk;

    private LocalPostgres(PostgresBinaries binaries) => _binaries = binaries;

    /// <summary>Where it listens, on 127.0.0.1.</summary>
    public int Port => _port;

    protected override string ConnectionString => new NpgsqlConnectionStringBuilder
    {
        Host = "127.0.0.1",
        Port = _port,
        Username = Superuser,
        Database = "postgres",
    }.ConnectionString;

    private string Data => _folder["data"];

    private ChildProcess Postmaster => _postmaster ?? throw new InvalidOperationException("This PostgreSQL does not run.");

    public static Task<LocalPostgres> StartAsync(PostgresBinaries binaries, int? diskMegabytes = null) => StartAsync(binaries, async server =>
    {
        if (diskMegabytes is { } megabytes) server._disk = await SmallDisk.MountAsync(server._folder.Path, megabytes);
        await server.InitializeAsync();
    });

    /// <summary>Starts a replica of another one, which follows it until it is promoted.</summary>
    public static Task<LocalPostgres> FollowAsync(PostgresBinaries binaries, LocalPostgres primary) => StartAsync(binaries, async server =>
    {
        await PostgresBinaries.HandOverAsync(server._folder);
        var from = string.Create(CultureInfo.InvariantCulture, $"host=127.0.0.1 port={primary._port} user={Superuser}");
        await ChildProcess.RunAsync(binaries.Command(
            "pg_basebackup", server._folder, $"--pgdata={server.Data}", $"--dbname={from}", "--write-recovery-conf", "--checkpoint=fast", "--no-sync"));
    });

    /// <summary>The disk that its data is on, if it was given one of its own.</summary>
    public SmallDisk Disk => _disk ?? throw new InvalidOperationException("It has no disk of its own.");

    /// <summary>Runs a statement in the maintenance database.</summary>
    public new Task ExecuteAsync(string sql) => base.ExecuteAsync(sql);

    private static async Task<LocalPostgres> StartAsync(PostgresBinaries binaries, Func<LocalPostgres, Task> initialize)
    {
        var server = new LocalPostgres(binaries);
        try
        {
            await initialize(server);
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

    public override async Task ReviveAsync()
    {
        if (_postmaster is not { Exited.IsCompleted: true } ended) return;
        await ended.DisposeAsync();
        _postmaster = null;
        await StartAgainAsync();
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
        if (_disk is not null) await _disk.DisposeAsync();
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

    [GeneratedRegex("database system is ready to accept (?:read-only )?connections", RegexOptions.None, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Ready();
}
