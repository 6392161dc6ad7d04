using System.Globalization;
using System.Text.Json;
using Collab.Histories.Recording;
using Collab.TestKit;
using Npgsql;

namespace Collab.Histories.Running;

/// <summary>The servers of a history, each behind a network of its own that can fail, with their store and their bus.</summary>
internal sealed class Installation : IAsyncDisposable
{
    /// <summary>What is deleted goes on in a table of the history's own, so that the whole log is known in the end.</summary>
    private const string KeepTrimmed =
        """
        CREATE TABLE history_trimmed (LIKE persisted_collaboration_messages);
        CREATE FUNCTION history_keep() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN INSERT INTO history_trimmed SELECT OLD.*; RETURN NULL; END $$;
        CREATE TRIGGER history_keep AFTER DELETE ON persisted_collaboration_messages FOR EACH ROW EXECUTE FUNCTION history_keep();
        """;

    private const string WholeLog =
        """
        SELECT sequence_number, id, event_type, user_id, message_data::text, trimmed FROM (
            SELECT *, true AS trimmed FROM history_trimmed UNION ALL SELECT *, false FROM persisted_collaboration_messages) e
        WHERE run_id = $1 ORDER BY sequence_number
        """;

    private readonly List<ServerProcess> _servers = [];
    private readonly int _keep;
    private readonly bool _isApplication;
    private readonly List<TcpProxy> _networks = [];
    private PrivatePostgres? _postgres;
    private RedisServer? _redis;
    private Balancer? _balancer;
    private string? _database;

    private Installation(Layout layout) => (_keep, _isApplication) = (layout.Keep, layout.Application);

    /// <summary>How many events of a run are kept; 0: all.</summary>
    public int Keep => _keep;

    public IReadOnlyList<ServerProcess> Servers => _servers;

    public IReadOnlyList<TcpProxy> Networks => _networks;

    public RedisServer Redis => _redis ?? throw new InvalidOperationException("There is no Redis.");

    public PrivatePostgres Postgres => _postgres ?? throw new InvalidOperationException("There is no PostgreSQL.");

    /// <summary>Where a client goes that does not choose its server.</summary>
    public Uri Anywhere => _balancer?.Address ?? _networks[0].BaseAddress;

    /// <summary>Where a client reaches one server.</summary>
    public Uri this[int server] => _networks[server].BaseAddress;

    /// <summary>Starts servers on an empty store.</summary>
    /// <param name="layout">Which, and how many.</param>
    /// <param name="postgres">Where a database is made, if one is needed.</param>
    public static async Task<Installation> StartAsync(Layout layout, Func<Task<PrivatePostgres>> postgres)
    {
        var installation = new Installation(layout);
        try
        {
            if (layout.Store == "postgres")
            {
                installation._postgres = await postgres();
                installation._database = await installation._postgres.CreateDatabaseAsync();
            }
            if (layout.Bus == "redis") installation._redis = await RedisServer.StartAsync();
            if (layout.Application)
                await installation.ExecuteAsync("CREATE TABLE handled (id bigint GENERATED ALWAYS AS IDENTITY, run_id uuid, sequence bigint, server int, alone boolean)");
            // The first one makes the tables.
            installation._servers.Add(await installation.StartServerAsync());
            if (layout.Keep > 0) await installation.ExecuteAsync(KeepTrimmed);
            installation._servers.AddRange(await Task.WhenAll(Enumerable.Range(1, layout.Servers - 1).Select(_ => installation.StartServerAsync())));
            installation._networks.AddRange(installation._servers.Select(server => new TcpProxy(server.BaseAddress)));
            if (layout.Servers > 1)
            {
                installation._balancer = new([.. installation._networks.Select(network => network.BaseAddress)]);
                await Eventually.TrueAsync(() => installation._balancer.Ready.Count == layout.Servers, Patience.Process);
            }
            return installation;
        }
        catch
        {
            await installation.DisposeAsync();
            throw;
        }
    }

    /// <summary>Ends the servers' connections to their database.</summary>
    /// <returns>How many.</returns>
    public async Task<int> EndDatabaseConnectionsAsync()
    {
        await using var connection = Connect();
        await connection.OpenAsync();
        await using var command = new NpgsqlCommand(
            "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()", connection);
        return (int)(long)(await command.ExecuteScalarAsync())!;
    }

    /// <summary>Holds a lock as a program of another sort would: over the events' table, or the rows of the runs.</summary>
    /// <returns>How many sessions waited for it at once, at most.</returns>
    public async Task<int> LockAsync(bool rows, TimeSpan length)
    {
        await using var connection = Connect();
        await connection.OpenAsync();
        await using var transaction = await connection.BeginTransactionAsync();
        await ExecuteAsync(rows ? "SELECT id FROM collaboration_runs FOR UPDATE" : "LOCK TABLE persisted_collaboration_messages IN ACCESS EXCLUSIVE MODE");
        var (began, most) = (TimeProvider.System.GetTimestamp(), 0L);
        while (TimeProvider.System.GetElapsedTime(began) < length)
        {
            await Task.Delay(50);
            const string Waiting = "SELECT count(*) FROM pg_locks WHERE NOT granted AND pg_backend_pid() = ANY(pg_blocking_pids(pid))";
            most = Math.Max(most, (long)(await ExecuteAsync(Waiting))!);
        }
        await transaction.RollbackAsync();
        return (int)most;

        async Task<object?> ExecuteAsync(string sql)
        {
            await using var command = new NpgsqlCommand(sql, connection, transaction);
            return await command.ExecuteScalarAsync();
        }
    }

    /// <summary>All that was ever in a run's log, also what retention has deleted.</summary>
    public async Task<FinalLog> WholeLogAsync(Guid runId)
    {
        await using var connection = Connect();
        await connection.OpenAsync();
        await using var command = new NpgsqlCommand(WholeLog, connection) { Parameters = { new() { Value = runId } } };
        await using var reader = await command.ExecuteReaderAsync();
        var (events, trimmed) = (new List<Logged>(), 0);
        while (await reader.ReadAsync())
        {
            events.Add(new(reader.GetInt64(0), reader.GetGuid(1), reader.GetString(2), reader.GetString(3), JsonElement.Parse(reader.GetString(4))));
            if (reader.GetBoolean(5)) trimmed++;
        }
        return new(runId, events, trimmed);
    }

    /// <summary>The application's database.</summary>
    public NpgsqlConnection Connect() => new($"{_database};Pooling=False");

    /// <summary>Whether nothing of a run waits to be published or handled.</summary>
    public async Task<bool> HasHandledAllAsync(Guid runId)
    {
        const string Waiting =
            """
            SELECT (SELECT count(*) FROM collaboration_outbox WHERE run_id = $1) + (
                SELECT count(*) FROM persisted_collaboration_messages m WHERE run_id = $1 AND event_type = 'GRAFT'
                AND NOT EXISTS (SELECT FROM handled h WHERE h.run_id = m.run_id AND h.sequence = m.sequence_number))
            """;
        await using var connection = Connect();
        await connection.OpenAsync();
        await using var command = new NpgsqlCommand(Waiting, connection) { Parameters = { new() { Value = runId } } };
        return (long)(await command.ExecuteScalarAsync())! == 0;
    }

    /// <summary>What the handlers were given of a run, in the order in which they wrote it down.</summary>
    public async Task<IReadOnlyList<Handled>> HandledAsync(Guid runId)
    {
        await using var connection = Connect();
        await connection.OpenAsync();
        await using var command = new NpgsqlCommand("SELECT sequence, server, alone FROM handled WHERE run_id = $1 ORDER BY id", connection)
        {
            Parameters = { new() { Value = runId } },
        };
        await using var reader = await command.ExecuteReaderAsync();
        var handled = new List<Handled>();
        while (await reader.ReadAsync()) handled.Add(new(runId, reader.GetInt64(0), reader.GetInt32(1), reader.GetBoolean(2)));
        return handled;
    }

    /// <summary>Asks a server to drain, and waits until it has.</summary>
    public async Task DrainAsync(int server)
    {
        const string Path = "api/admin/drain";
        using var api = new ApiClient(_servers[server].BaseAddress, TestTokens.Create("operator", admin: true));
        await api.SendAsync(HttpMethod.Post, Path);
        await Eventually.TrueAsync(async () => (await api.GetAsync(Path)).Json.GetProperty("state").GetString() == "drained", Patience.Process);
    }

    public async ValueTask DisposeAsync()
    {
        if (_balancer is not null) await _balancer.DisposeAsync();
        foreach (var network in _networks) await network.DisposeAsync();
        foreach (var server in _servers) await server.DisposeAsync();
        if (_redis is not null) await _redis.DisposeAsync();
    }

    private async Task ExecuteAsync(string sql)
    {
        await using var connection = Connect();
        await connection.OpenAsync();
        await using var command = new NpgsqlCommand(sql, connection);
        await command.ExecuteNonQueryAsync();
    }

    private Task<ServerProcess> StartServerAsync()
    {
        string[] unlimited =
        [
            "PublishPerSecond", "PublishPerMinute", "ConnectionsPerUser", "CursorPerSecond", "JoinPerSecond", "PollPerSecond", "ReplayPerSecond",
            "PingPerSecond",
        ];
        var configuration = new Dictionary<string, string?>(
            unlimited.Select(limit => KeyValuePair.Create($"Collab:Limits:{limit}", (string?)"0")))
        {
            ["Collab:Retention:EventsPerRun"] = _keep > 0 ? string.Create(CultureInfo.InvariantCulture, $"{_keep}") : "100000",
            ["Collab:Polling:IntervalMs"] = "1000",
            ["Collab:Drain:DelaySeconds"] = "1",
            ["Collab:Drain:OverSeconds"] = "1",
        };
        if (_redis is not null)
        {
            configuration["Collab:Bus:Redis"] = _redis.Configuration;
            configuration["Collab:Bus:Key"] = "a key for the histories' bus";
        }
        var settings = _database is null ? new ServerSettings { Configuration = configuration } : ServerSettings.ForPostgres(_database, configuration);
        return ServerProcess.StartAsync(_isApplication ? settings with { Project = "tests/Collab.HandlerHost" } : settings);
    }
}
