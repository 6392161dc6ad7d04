using System.Diagnostics;
using System.Text.RegularExpressions;
using Collab.TestKit;
using Npgsql;

namespace Collab.Bench.Load;

/// <summary>Starts ours and its peers, each with a database of its own on one PostgreSQL where it has one.</summary>
internal sealed partial class Servers : IAsyncDisposable
{
    /// <summary>What the name of another build of ours begins with; its folder follows.</summary>
    private const string BuildIn = "build:";

    private static readonly string[] Limits =
    [
        "PublishPerSecond", "PublishPerMinute", "CursorPerSecond", "ConnectionsPerUser", "RunsPerConnection",
        "JoinPerSecond", "PollPerSecond", "ReplayPerSecond", "PastStatePerSecond", "ListPerSecond", "PingPerSecond",
    ];

    /// <summary>One run at thousands of events a second would lose its default of 1,000 before another server has read them.</summary>
    private static readonly KeyValuePair<string, string?> KeepMany = new("Collab:Retention:EventsPerRun", "100000");

    private readonly List<ChildProcess> _peers = [];
    private PostgresServer? _postgres;
    private readonly List<ServerProcess> _collabs = [];
    private readonly List<RedisServer> _engines = [];

    /// <summary>The name under which a build of ours in another folder is started.</summary>
    public static string Build(string folder) => File.Exists(Path.Combine(folder, "Collab.Server.dll"))
        ? BuildIn + Path.GetFullPath(folder)
        : throw new ArgumentException($"There is no Collab.Server.dll in {folder}.", nameof(folder));

    public async Task<Target> StartAsync(string name) => name switch
    {
        "collab" => await StartCollabAsync(folder: null),
        "collab-unmonitored" => await StartCollabAsync(folder: null, KeyValuePair.Create("Collab:Metrics:Enabled", (string?)"false")),
        _ when name.StartsWith(BuildIn, StringComparison.Ordinal) => await StartCollabAsync(name[BuildIn.Length..]),
        "signalr" => await StartSignalRAsync(name),
        "signalr-ef" => await StartSignalRAsync(name, await CreateDatabaseAsync()),
        "socketio" => await StartSocketIoAsync(),
        _ => throw new ArgumentException($"There is no server '{name}'.", nameof(name)),
    };

    /// <summary>Starts two servers that are one.</summary>
    /// <param name="name">With what between them: <c>collab-redis</c>, <c>collab-postgres</c> or <c>signalr-redis</c>.</param>
    public async Task<Pair> StartPairAsync(string name)
    {
        var redis = name.EndsWith("-redis", StringComparison.Ordinal) ? await RedisServer.StartAsync() : null;
        if (redis is not null) _engines.Add(redis);
        var database = name.StartsWith("collab", StringComparison.Ordinal) ? await CreateDatabaseAsync() : null;
        return new(name, await StartAsync(), await StartAsync(), redis);

        Task<Target> StartAsync() => database is null
            ? StartSignalRAsync(name, redis: redis!.Configuration)
            : StartCollabAsync(folder: null, database, KeepMany, KeyValuePair.Create("Collab:Bus:Redis", redis?.Configuration));
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var peer in _peers) await peer.DisposeAsync();
        foreach (var collab in _collabs) await collab.DisposeAsync();
        foreach (var redis in _engines) await redis.DisposeAsync();
        if (_postgres is not null) await _postgres.DisposeAsync();
    }

    private async Task<Target> StartCollabAsync(string? folder, params KeyValuePair<string, string?>[] settings) =>
        await StartCollabAsync(folder, await CreateDatabaseAsync(), settings);

    private async Task<Target> StartCollabAsync(string? folder, string database, params KeyValuePair<string, string?>[] settings)
    {
        var unlimited = Limits.Select(limit => KeyValuePair.Create($"Collab:Limits:{limit}", (string?)"0")).ToArray();
        var collab = await ServerProcess.StartAsync(ServerSettings.ForPostgres(database, [.. unlimited, .. settings]) with { Folder = folder });
        _collabs.Add(collab);
        return new("collab", collab.BaseAddress, Dialect.SignalR, collab.Id, await DatabaseAsync());
    }

    private async Task<Target> StartSignalRAsync(string name, string? connectionString = null, string? redis = null)
    {
        var start = new ProcessStartInfo("dotnet", [Repository.AssemblyOf("tests/bench/peers/Collab.Bench.SignalRPeer"), "--urls", "http://127.0.0.1:0"]);
        if (connectionString is not null) start.Environment["ConnectionStrings__Peer"] = connectionString;
        if (redis is not null) start.Environment["Peer__Redis"] = redis;
        return await StartPeerAsync(name, start, Dialect.SignalR, hasDatabase: connectionString is not null);
    }

    private async Task<Target> StartSocketIoAsync()
    {
        var folder = Path.Combine(Repository.Root, "tests/bench/peers/socketio");
        if (!Directory.Exists(Path.Combine(folder, "node_modules")))
        {
            using var install = Process.Start(new ProcessStartInfo("npm", ["ci", "--no-audit", "--no-fund"]) { WorkingDirectory = folder })!;
            await install.WaitForExitAsync();
        }
        var database = new NpgsqlConnectionStringBuilder(await CreateDatabaseAsync());
        var start = new ProcessStartInfo("node", ["server.js"]) { WorkingDirectory = folder };
        start.Environment["NODE_ENV"] = "production";
        start.Environment["PEER_POSTGRES"] = $"postgres://{database.Username}:{database.Password}@127.0.0.1:{database.Port}/{database.Database}";
        return await StartPeerAsync("socketio", start, Dialect.SocketIo, hasDatabase: true);
    }

    private async Task<Target> StartPeerAsync(string name, ProcessStartInfo start, Dialect dialect, bool hasDatabase)
    {
        var process = ChildProcess.Start(start);
        _peers.Add(process);
        var address = new Uri((await process.WaitForLineAsync(Listening())).Groups["address"].Value);
        return new(name, address, dialect, process.Id, hasDatabase ? await DatabaseAsync() : null);
    }

    /// <summary>A database of its own on the one PostgreSQL.</summary>
    public async Task<string> CreateDatabaseAsync()
    {
        _postgres ??= await PostgresServer.StartAsync();
        return await _postgres.CreateDatabaseAsync();
    }

    /// <summary>The postmaster, whose family is the whole database server.</summary>
    private async Task<int> DatabaseAsync()
    {
        await using var connection = new NpgsqlConnection(await CreateDatabaseAsync());
        await connection.OpenAsync();
        return ProcessUse.Parent(connection.ProcessID);
    }

    [GeneratedRegex(@"Now listening on: (?<address>http://127\.0\.0\.1:\d+)", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Listening();
}
