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

    /// <summary>So does what is erased, with the epoch that it was of.</summary>
    private const string KeepErased =
        """
        CREATE TABLE history_epochs (id bigint GENERATED ALWAYS AS IDENTITY, run_id uuid, epoch uuid);
        CREATE TABLE history_erased (LIKE persisted_collaboration_messages, epoch uuid);
        CREATE FUNCTION history_epoch() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
            INSERT INTO history_epochs (run_id, epoch) VALUES (OLD.id, OLD.epoch); RETURN NULL; END $$;
        CREATE FUNCTION history_keep() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
            INSERT INTO history_erased SELECT OLD.*, (SELECT epoch FROM history_epochs WHERE run_id = OLD.run_id ORDER BY id DESC LIMIT 1);
            RETURN NULL; END $$;
        CREATE TRIGGER history_epoch AFTER UPDATE OF epoch ON collaboration_runs FOR EACH ROW
            WHEN (OLD.epoch IS DISTINCT FROM NEW.epoch) EXECUTE FUNCTION history_epoch();
        CREATE TRIGGER history_keep AFTER DELETE ON persisted_collaboration_messages FOR EACH ROW EXECUTE FUNCTION history_keep();
        """;

    private const string Epochs =
        """
        SELECT epoch FROM (SELECT id, epoch FROM history_epochs WHERE run_id = $1
            UNION ALL SELECT 9223372036854775807, epoch FROM collaboration_runs WHERE id = $1) e ORDER BY id
        """;

    private const string LogOfEpoch =
        """
        SELECT sequence_number, id, event_type, user_id, message_data::text, false FROM history_erased WHERE run_id = $1 AND epoch = $2
        UNION ALL SELECT sequence_number, m.id, event_type, user_id, message_data::text, false
            FROM persisted_collaboration_messages m JOIN collaboration_runs r ON r.id = m.run_id WHERE m.run_id = $1 AND r.epoch = $2
        ORDER BY 1
        """;

    private readonly Layout _layout;
    private readonly List<ServerProcess> _servers = [];
    private readonly List<TcpProxy> _networks = [];
    private readonly List<WrongClock> _clocks = [];
    private readonly TemporaryFolder? _folder;
    private PrivatePostgres? _postgres;
    private SmallDisk? _disk;
    private RedisServer? _redis;
    private TcpProxy? _redisNetwork;
    private Balancer? _balancer;
    private string? _database;

    private Installation(Layout layout)
    {
        _layout = layout;
        if (layout is { Store: "sqlite" } && layout.Has(Extras.SmallDisk)) _folder = new("small-disk");
    }

    /// <summary>What it is.</summary>
    public Layout Layout => _layout;

    /// <summary>How many events of a run are kept; 0: all.</summary>
    public int Keep => _layout.Keep;

    /// <summary>Whether its runs are erased.</summary>
    public bool Erases => _layout.Has(Extras.Erases);

    public IReadOnlyList<ServerProcess> Servers => _servers;

    public IReadOnlyList<TcpProxy> Networks => _networks;

    public RedisServer Redis => _redis ?? throw new InvalidOperationException("There is no Redis.");

    /// <summary>What lies between the servers and their Redis.</summary>
    public TcpProxy RedisNetwork => _redisNetwork ?? throw new InvalidOperationException("There is no Redis.");

    /// <summary>What the events are stored on, if it can be filled.</summary>
    public SmallDisk Disk => _disk ?? throw new InvalidOperationException("It has no disk of its own.");

    /// <summary>The servers' clocks, if they can be set.</summary>
    public IReadOnlyList<WrongClock> Clocks => _clocks;

    public PrivatePostgres Postgres => _postgres ?? throw new InvalidOperationException("There is no PostgreSQL.");

    /// <summary>Where a client goes that does not choose its server.</summary>
    public Uri Anywhere => _balancer?.Address ?? _networks[0].BaseAddress;

    /// <summary>Where a client reaches one server.</summary>
    public Uri this[int server] => _networks[server].BaseAddress;

    /// <summary>Starts servers on an empty store.</summary>
    /// <param name="layout">Which, and how many.</param>
    /// <param name="postgres">Where a database is made, if one is needed.</param>
    public static async Task<Installation> StartAsync(Layout layout, Stores postgres)
    {
        var installation = new Installation(layout);
        try
        {
            if (layout.Store == "postgres")
            {
                (installation._postgres, installation._disk) = await postgres.GetAsync(layout);
                installation._database = await installation._postgres.CreateDatabaseAsync();
            }
            else if (installation._folder is { } folder)
            {
                installation._disk = await SmallDisk.MountAsync(folder.Path, megabytes: 8);
            }
            if (layout.Bus == "redis")
            {
                installation._redis = await RedisServer.StartAsync();
                installation._redisNetwork = new(new($"http://{installation._redis.Configuration}"));
            }
            if (layout.Application)
                await installation.ExecuteAsync("CREATE TABLE handled (id bigint GENERATED ALWAYS AS IDENTITY, run_id uuid, sequence bigint, server int, alone boolean)");
            // The first one makes the tables.
            installation._servers.Add(await installation.StartServerAsync());
            if (layout.Keep > 0) await installation.ExecuteAsync(KeepTrimmed);
            if (installation.Erases) await installation.ExecuteAsync(KeepErased);
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

    /// <summary>All that was ever in a run's log, also what retention has deleted.</summary>
    public async Task<FinalLog> WholeLogAsync(Guid runId)
    {
        var (events, trimmed) = await LogAsync(WholeLog, runId);
        return new(runId, events, trimmed);
    }

    /// <summary>All logs that a run has had, in the order in which they were begun.</summary>
    public async Task<IReadOnlyList<FinalLog>> LogsAsync(Guid runId)
    {
        var epochs = new List<Guid>();
        await using (var connection = Connect())
        {
            await connection.OpenAsync();
            await using var command = new NpgsqlCommand(Epochs, connection) { Parameters = { new() { Value = runId } } };
            await using var reader = await command.ExecuteReaderAsync();
            while (await reader.ReadAsync()) epochs.Add(reader.GetGuid(0));
        }
        var logs = new List<FinalLog>();
        foreach (var epoch in epochs) logs.Add(new(runId, (await LogAsync(LogOfEpoch, runId, epoch)).Events, Epoch: epoch));
        return logs.Count > 0 ? logs : [new(runId, [])];
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

    public async ValueTask DisposeAsync()
    {
        if (_balancer is not null) await _balancer.DisposeAsync();
        foreach (var network in _networks) await network.DisposeAsync();
        foreach (var server in _servers) await server.DisposeAsync();
        if (_redisNetwork is not null) await _redisNetwork.DisposeAsync();
        if (_redis is not null) await _redis.DisposeAsync();
        foreach (var clock in _clocks) clock.Dispose();
        if (_folder is null) return;
        if (_disk is not null) await _disk.DisposeAsync();
        _folder.Dispose();
    }

    private async Task<(List<Logged> Events, int Trimmed)> LogAsync(string sql, params object[] values)
    {
        await using var connection = Connect();
        await connection.OpenAsync();
        await using var command = new NpgsqlCommand(sql, connection);
        foreach (var value in values) command.Parameters.Add(new() { Value = value });
        await using var reader = await command.ExecuteReaderAsync();
        var (events, trimmed) = (new List<Logged>(), 0);
        while (await reader.ReadAsync())
        {
            events.Add(new(reader.GetInt64(0), reader.GetGuid(1), reader.GetString(2), reader.GetString(3), JsonElement.Parse(reader.GetString(4))));
            if (reader.GetBoolean(5)) trimmed++;
        }
        return (events, trimmed);
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
            ["Collab:Retention:EventsPerRun"] = Keep > 0 ? string.Create(CultureInfo.InvariantCulture, $"{Keep}") : "100000",
            ["Collab:Polling:IntervalMs"] = "1000",
            ["Collab:Drain:DelaySeconds"] = "1",
            ["Collab:Drain:OverSeconds"] = "1",
        };
        if (_redisNetwork is not null)
        {
            configuration["Collab:Bus:Redis"] = _redisNetwork.BaseAddress.Authority;
            configuration["Collab:Bus:Key"] = "a key for the histories' bus";
        }
        if (_folder is not null) configuration["Collab:Store:Path"] = _folder["collab.db"];
        var pool = _layout.Has(Extras.SmallPool) ? ";Maximum Pool Size=4" : "";
        var settings = _database is null ? new ServerSettings { Configuration = configuration } : ServerSettings.ForPostgres($"{_database}{pool}", configuration);
        if (_layout.Has(Extras.Clocks))
        {
            var clock = new WrongClock();
            _clocks.Add(clock);
            settings = settings with { Variables = clock.Variables };
        }
        return ServerProcess.StartAsync(_layout.Application ? settings with { Project = "tests/Collab.HandlerHost" } : settings);
    }
}
