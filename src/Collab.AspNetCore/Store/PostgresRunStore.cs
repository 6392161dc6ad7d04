using System.Text;
using Collab.AspNetCore.Events;
using Collab.Protocol;
using Collab.Storage;
using Microsoft.EntityFrameworkCore;
using Npgsql;

namespace Collab.AspNetCore.Store;

/// <summary>
/// Runs in PostgreSQL. Any number of servers may share it: a run's numbers come from its row, locked by the statement that takes them.
/// </summary>
internal sealed class PostgresRunStore : IRunStore
{
    /// <summary>Events of a run after one position and up to another.</summary>
    public const string EventsBetween =
        """
        SELECT sequence_number, id, user_id, user_name, event_type, timestamp, message_data::text, signature
        FROM persisted_collaboration_messages
        WHERE run_id = $1 AND sequence_number > $2 AND sequence_number <= $3 ORDER BY sequence_number
        """;

    private readonly PostgresConnections _connections;
    private readonly NpgsqlDataSource _source;
    private readonly PostgresMigration _migration;
    private readonly RunCatalog _catalog;
    private readonly OutboxCatalog _outbox;
    private readonly EpochSalt _salt = new();
    private readonly StateShape? _shape;
    private readonly EventSigning? _signing;

    public PostgresRunStore(StoreOptions options, StateShape? shape = null, EventSigning? signing = null)
    {
        (_shape, _signing) = (shape, signing);
        _connections = new(options);
        _source = _connections.Pool;
        var model = new DbContextOptionsBuilder<CollabDbContext>()
            .UseNpgsql(_source, o => o.MigrationsAssembly("Collab.Migrations.Postgres")).Options;
        (_catalog, _outbox) = (new(model), new(model));
        Handlers = new HandlerStore(
            HandlerSql.Postgres,
            async cancellationToken => await _source.OpenConnectionAsync(cancellationToken),
            work => _source.Guard(work));
        _migration = new(_connections.Unpooled, _catalog);
    }

    public string Key => "ConnectionStrings:Collab";

    public int Writers => 2;

    public bool IsShared => true;

    public IRunAppender CreateAppender() => new PostgresAppender(_connections, _salt, _signing);

    public IOutboxStore CreateOutbox(int maxBytes, TimeProvider time) =>
        new PostgresOutbox(_connections, _salt, _signing, _outbox, maxBytes, time);

    public ValueTask<RunSnapshot> LoadAsync(Guid runId, long after, int keep, CancellationToken cancellationToken) =>
        _source.Guard(async () =>
    {
        await using var connection = await _source.OpenConnectionAsync(cancellationToken);
        await LearnSaltAsync(connection, _salt, cancellationToken);
        // Both reads see one snapshot: a trim between them would leave a hole.
        await using var transaction = await connection.BeginTransactionAsync(System.Data.IsolationLevel.RepeatableRead, cancellationToken);
        var builder = await ReadRunAsync(connection, runId, keep, cancellationToken);
        if (builder is null) return RunSnapshot.Empty(_salt.EpochOf(runId), _shape);
        await using var command = new NpgsqlCommand(EventsBetween, connection)
        { Parameters = { new() { Value = runId }, new() { Value = after }, new() { Value = long.MaxValue } } };
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        using var data = new TextColumn(reader, 6);
        while (await reader.ReadAsync(cancellationToken))
        {
            var json = data.Read();
            builder.Add(reader.GetInt64(0), reader.GetGuid(1), reader.GetString(2),
                reader.IsDBNull(3) ? null : reader.GetString(3), reader.GetString(4),
                UnixTime.ToMilliseconds(reader.GetDateTime(5)), json.Span, SignatureOf(reader));
        }
        return builder.Build();
    });

    public ValueTask FoldAsync(Guid runId, Moments moments, CancellationToken cancellationToken) => _source.Guard(async () =>
    {
        await PostgresPast.FoldAsync(_source, _salt, _shape, runId, moments, cancellationToken);
        return true;
    }).AsVoid();

    public ValueTask<IReadOnlyDictionary<Guid, RunSnapshot>> LoadAfterAsync(
        IReadOnlyList<(Guid RunId, long After)> runs, int limit, CancellationToken cancellationToken) =>
        _source.Guard(() => PostgresLoad.ManyAsync(_source, _salt, runs, limit, cancellationToken));

    public ValueTask<IReadOnlyList<RunPosition>> GetPositionsAsync(Guid[] runIds, CancellationToken cancellationToken) =>
        _source.Guard<IReadOnlyList<RunPosition>>(async () =>
        {
            await using var command = _source.CreateCommand("SELECT id, epoch, last_sequence FROM collaboration_runs WHERE id = ANY($1)");
            command.Parameters.Add(new() { Value = runIds });
            await using var reader = await command.ExecuteReaderAsync(cancellationToken);
            var positions = new List<RunPosition>();
            while (await reader.ReadAsync(cancellationToken)) positions.Add(new(reader.GetGuid(0), reader.GetGuid(1), reader.GetInt64(2)));
            return positions;
        });

    public IHandlerStore Handlers { get; }

    public ValueTask<int> TrimAsync(Guid runId, int keep, int slack, CancellationToken cancellationToken) =>
        _source.Guard(() => PostgresTrim.RunAsync(_source, _shape, _signing, runId, keep, slack, cancellationToken));

    public ValueTask EraseAsync(Guid runId, CancellationToken cancellationToken) => _source.Guard(async () =>
    {
        await using var connection = await _source.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        // The run's row first: it is what an append waits for, and what comes after it belongs to the new log.
        await using var batch = new NpgsqlBatch(connection)
        {
            BatchCommands =
            {
                new(PostgresSettings.Begin),
                new("""
                    UPDATE collaboration_runs
                    SET epoch = $2, last_sequence = 0, folded_state = '{}', folded_sequence = 0, ended_sequence = NULL,
                        created_at = now(), updated_at = now(), branched_from = NULL, branched_from_sequence = NULL, signed_epoch = NULL
                    WHERE id = $1
                    """)
                { Parameters = { new() { Value = runId }, new() { Value = Guid.NewGuid() } } },
                new("DELETE FROM persisted_collaboration_messages WHERE run_id = $1") { Parameters = { new() { Value = runId } } },
            },
        };
        await batch.ExecuteNonQueryAsync(cancellationToken);
        await transaction.CommitAsync(cancellationToken);
    });

    public ValueTask<BranchOutcome> BranchAsync(Branch branch, int keep, CancellationToken cancellationToken) =>
        _source.Guard(() => PostgresBranch.RunAsync(_source, _shape, _signing, branch, keep, cancellationToken));

    public ValueTask<VerifyResult> VerifyAsync(Guid runId, CancellationToken cancellationToken) =>
        _source.Guard(() => PostgresVerify.RunAsync(_source, _salt, _signing!, runId, cancellationToken));

    public ValueTask RenewEpochsAsync(CancellationToken cancellationToken) => _source.Guard(async () =>
    {
        await using var command = _source.CreateCommand(
            $"""
            {PostgresSettings.Begin};
            {HandlerSql.BeforeRenewal};
            UPDATE collaboration_store SET epoch_salt = gen_random_uuid();
            UPDATE collaboration_runs SET epoch = gen_random_uuid(), signed_epoch = NULL;
            UPDATE persisted_collaboration_messages SET signature = NULL WHERE signature IS NOT NULL;
            {HandlerSql.AfterRenewal}
            """);
        await command.ExecuteNonQueryAsync(cancellationToken);
    });

    public ValueTask<IReadOnlyList<StoredRun>> ListAsync(RunQuery query, CancellationToken cancellationToken) =>
        _source.Guard(() => _catalog.ListAsync(query, cancellationToken));

    public ValueTask<byte[]> GetCursorKeyAsync(CancellationToken cancellationToken) =>
        _salt.IsKnown
            ? new(_salt.CursorKey)
            : _source.Guard(async () =>
            {
                await using var connection = await _source.OpenConnectionAsync(cancellationToken);
                await LearnSaltAsync(connection, _salt, cancellationToken);
                return _salt.CursorKey;
            });

    public async Task StartAsync(CancellationToken cancellationToken)
    {
        await using var command = _source.CreateCommand("SELECT current_setting('default_transaction_isolation')");
        var isolation = (string)(await command.ExecuteScalarAsync(cancellationToken))!;
        if (isolation != "read committed")
        {
            throw new StoreUnusableException(
                $"{Key}: the database or its role sets default_transaction_isolation to '{isolation}'; "
                + "two servers then fail each other's commits. It must be 'read committed'.");
        }
    }

    public Task MigrateAsync(CancellationToken cancellationToken) => _migration.RunAsync(cancellationToken);

    public ValueTask CheckAsync(CancellationToken cancellationToken) => _source.Guard(async () =>
    {
        if (await PostgresCheck.RunAsync(_source, cancellationToken)) return;
        // It may be this connection alone: the next check asks a new one.
        _source.Clear();
        throw new StoreException(StoreFailure.Unavailable,
            new InvalidOperationException("The database only reads, or its one row in collaboration_store is missing."));
    });

    public ValueTask DisposeAsync() => _connections.DisposeAsync();

    /// <summary>Of a row of <see cref="EventsBetween"/>.</summary>
    public static string? SignatureOf(NpgsqlDataReader reader) => reader.IsDBNull(7) ? null : reader.GetString(7);

    public static async ValueTask LearnSaltAsync(NpgsqlConnection connection, EpochSalt salt, CancellationToken cancellationToken)
    {
        if (salt.IsKnown) return;
        await using var command = new NpgsqlCommand(EpochSalt.ReadSql, connection);
        salt.Learn(await command.ExecuteScalarAsync(cancellationToken) as Guid?
            ?? throw EpochSalt.Missing());
    }

    private async Task<RunSnapshotBuilder?> ReadRunAsync(
        NpgsqlConnection connection, Guid runId, int keep, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(
            """
            SELECT epoch, last_sequence, folded_sequence, folded_state::text, branched_from, branched_from_sequence
            FROM collaboration_runs WHERE id = $1
            """, connection)
        { Parameters = { new() { Value = runId } } };
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        return await reader.ReadAsync(cancellationToken)
            ? new(runId, reader.GetGuid(0), reader.GetInt64(1), reader.GetInt64(2),
                StateFold.Parse(Encoding.UTF8.GetBytes(reader.GetString(3)), _shape), keep)
            {
                BranchedFrom = reader.IsDBNull(4) ? null : new(reader.GetGuid(4), reader.GetInt64(5)),
            }
            : null;
    }
}
