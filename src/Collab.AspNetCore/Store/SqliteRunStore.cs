using System.Globalization;
using System.Text;
using Collab.AspNetCore.Events;
using Collab.Protocol;
using Collab.Storage;
using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;

namespace Collab.AspNetCore.Store;

/// <summary>
/// Runs in one SQLite file, for one server: a write-ahead log, synced at every commit. SQLite has one writer, so writes take turns here.
/// </summary>
internal sealed class SqliteRunStore : IRunStore
{
    /// <summary>Events of a run after one position and up to another.</summary>
    public const string EventsBetween =
        """
        SELECT sequence_number, id, user_id, user_name, event_type, timestamp, message_data, signature
        FROM persisted_collaboration_messages
        WHERE run_id = $run AND sequence_number > $after AND sequence_number <= $upTo ORDER BY sequence_number
        """;

    private readonly string _connectionString;
    private readonly SqliteFile _file;
    private readonly RunCatalog _catalog;
    private readonly OutboxCatalog _outbox;
    private readonly Lock _write = new();
    private readonly EpochSalt _salt = new();
    private readonly StateShape? _shape;
    private readonly EventSigning? _signing;

    public SqliteRunStore(StoreOptions options, StateShape? shape = null, EventSigning? signing = null)
    {
        (_shape, _signing) = (shape, signing);
        _file = new(options.Path);
        _connectionString = new SqliteConnectionStringBuilder
        {
            DataSource = options.Path,
            DefaultTimeout = options.TimeoutSeconds,
        }.ToString();
        var model = new DbContextOptionsBuilder<CollabDbContext>()
            .UseSqlite(_connectionString, o => o.MigrationsAssembly("Collab.Migrations.Sqlite")).Options;
        (_catalog, _outbox) = (new(model), new(model));
        Handlers = new HandlerStore(HandlerSql.Sqlite, _ => new(Open()), SqliteFailure.GuardAsync);
    }

    public string Key => "Collab:Store:Path";

    public int Writers => 1;

    public bool IsShared => false;

    public IRunAppender CreateAppender() => new SqliteAppender(this, _signing);

    public IOutboxStore CreateOutbox(int maxBytes, TimeProvider time) => new SqliteOutbox(this, _signing, _outbox, maxBytes);

    public ValueTask<RunSnapshot> LoadAsync(Guid runId, long after, int keep, CancellationToken cancellationToken) =>
        LoadAsync(runId, after, long.MaxValue, keep, cancellationToken);

    public ValueTask FoldAsync(Guid runId, Moments moments, CancellationToken cancellationToken) => SqliteFailure.GuardAside(() =>
    {
        SqlitePast.Fold(this, _shape, runId, moments, cancellationToken);
        return true;
    }).AsVoid();

    private ValueTask<RunSnapshot> LoadAsync(
        Guid runId, long after, long upTo, int keep, CancellationToken cancellationToken) =>
        SqliteFailure.GuardAside(() =>
        {
            using var connection = Open();
            using var transaction = connection.BeginTransaction(deferred: true);
            RunSnapshotBuilder builder;
            using (var run = Command(transaction,
                """
                SELECT epoch, last_sequence, folded_sequence, folded_state, branched_from, branched_from_sequence
                FROM collaboration_runs WHERE id = $run
                """, ("$run", runId)))
            using (var row = run.ExecuteReader())
            {
                if (!row.Read()) return RunSnapshot.Empty(EpochOf(runId, transaction), _shape);
                builder = new(runId, row.GetGuid(0), row.GetInt64(1), row.GetInt64(2),
                    StateFold.Parse(Encoding.UTF8.GetBytes(row.GetString(3)), _shape), keep)
                {
                    BranchedFrom = row.IsDBNull(4) ? null : new(row.GetGuid(4), row.GetInt64(5)),
                };
            }
            using var events = Command(transaction, EventsBetween, ("$run", runId), ("$after", after), ("$upTo", upTo));
            using var reader = events.ExecuteReader();
            while (reader.Read())
            {
                cancellationToken.ThrowIfCancellationRequested();
                builder.Add(reader.GetInt64(0), reader.GetGuid(1), reader.GetString(2),
                    reader.IsDBNull(3) ? null : reader.GetString(3), reader.GetString(4),
                    UnixTime.ToMilliseconds(reader.GetDateTime(5)), Encoding.UTF8.GetBytes(reader.GetString(6)),
                    SignatureOf(reader));
            }
            return builder.Build();
        });

    public async ValueTask<IReadOnlyDictionary<Guid, RunSnapshot>> LoadAfterAsync(
        IReadOnlyList<(Guid RunId, long After)> runs, int limit, CancellationToken cancellationToken)
    {
        var found = new Dictionary<Guid, RunSnapshot>(KeyedGuids.Instance);
        foreach (var (run, after) in runs) found[run] = await LoadAsync(run, after, after + limit, limit, cancellationToken);
        return found;
    }

    public ValueTask<IReadOnlyList<RunPosition>> GetPositionsAsync(Guid[] runIds, CancellationToken cancellationToken) =>
        throw new NotSupportedException("Nobody else writes to this store.");

    public IHandlerStore Handlers { get; }

    public ValueTask<int> TrimAsync(Guid runId, int keep, int slack, CancellationToken cancellationToken) => SqliteFailure.Guard(() =>
    {
        var trimmed = 0;
        Write(transaction => trimmed = SqliteTrim.Run(transaction, runId, keep, slack, _shape, _signing));
        return trimmed;
    });

    public ValueTask EraseAsync(Guid runId, CancellationToken cancellationToken) => SqliteFailure.Guard(() =>
    {
        Write(transaction =>
        {
            using var erase = Command(transaction,
                """
                UPDATE collaboration_runs
                SET epoch = $epoch, last_sequence = 0, folded_state = '{}', folded_sequence = 0, ended_sequence = NULL,
                    branched_from = NULL, branched_from_sequence = NULL, signed_epoch = NULL,
                    created_at = strftime('%Y-%m-%d %H:%M:%f', 'now'), updated_at = strftime('%Y-%m-%d %H:%M:%f', 'now') WHERE id = $run;
                DELETE FROM persisted_collaboration_messages WHERE run_id = $run;
                """, ("$run", runId), ("$epoch", Guid.NewGuid()));
            erase.ExecuteNonQuery();
        });
        return true;
    }).AsVoid();

    public ValueTask<BranchOutcome> BranchAsync(Branch branch, int keep, CancellationToken cancellationToken) =>
        SqliteFailure.GuardAside(() =>
        {
            using var connection = Open();
            return SqliteBranch.Run(this, connection, _shape, _signing, branch, keep, cancellationToken);
        });

    public ValueTask<VerifyResult> VerifyAsync(Guid runId, CancellationToken cancellationToken) =>
        SqliteFailure.GuardAside(() => SqliteVerify.Run(this, _signing!, runId, cancellationToken));

    public ValueTask RenewEpochsAsync(CancellationToken cancellationToken) => SqliteFailure.Guard(() =>
    {
        Write(transaction =>
        {
            // A random UUID as EF Core writes them: upper case, version 4.
            using var renew = Command(transaction,
                $"""
                {HandlerSql.BeforeRenewal};
                UPDATE persisted_collaboration_messages SET signature = NULL WHERE signature IS NOT NULL;
                UPDATE collaboration_runs SET signed_epoch = NULL, epoch = upper(
                    hex(randomblob(4)) || '-' || hex(randomblob(2)) || '-4' || substr(hex(randomblob(2)), 2)
                    || '-8' || substr(hex(randomblob(2)), 2) || '-' || hex(randomblob(6)));
                UPDATE collaboration_store SET epoch_salt = $salt;
                {HandlerSql.AfterRenewal};
                """, ("$salt", Guid.NewGuid()));
            renew.ExecuteNonQuery();
        });
        return true;
    }).AsVoid();

    public async ValueTask<IReadOnlyList<StoredRun>> ListAsync(RunQuery query, CancellationToken cancellationToken)
    {
        try
        {
            return await _catalog.ListAsync(query, cancellationToken);
        }
        catch (SqliteException e)
        {
            throw SqliteFailure.Explain(e);
        }
    }

    public ValueTask<byte[]> GetCursorKeyAsync(CancellationToken cancellationToken) => SqliteFailure.Guard(() =>
    {
        if (!_salt.IsKnown) Write(LearnSalt);
        return _salt.CursorKey;
    });

    public Task StartAsync(CancellationToken cancellationToken)
    {
        _file.Prepare();
        _file.Lock();
        return Task.CompletedTask;
    }

    public async Task MigrateAsync(CancellationToken cancellationToken)
    {
        _file.Prepare();
        if (await _catalog.IsMigratedAsync(cancellationToken)) return;
        await SqliteMigrationLock.ForgetIfLeftBehindAsync(_connectionString, cancellationToken);
        await _catalog.MigrateAsync(cancellationToken);
    }

    public ValueTask CheckAsync(CancellationToken cancellationToken) => SqliteFailure.Guard(() =>
    {
        // A write transaction that writes nothing: it fails where nothing can be written.
        Write(transaction =>
        {
            _ = Salt(transaction) ?? throw EpochSalt.Missing();
            foreach (var statement in SqliteAppender.Statements)
            {
                using var explain = Command(transaction, $"EXPLAIN {statement}");
                for (var i = 1; i <= SqliteAppender.MostParameters; i++)
                    explain.Parameters.AddWithValue(string.Create(CultureInfo.InvariantCulture, $"${i}"), DBNull.Value);
                explain.ExecuteNonQuery();
            }
        });
        return true;
    }).AsVoid();

    public ValueTask DisposeAsync()
    {
        using var connection = new SqliteConnection(_connectionString);
        SqliteConnection.ClearPool(connection);
        _file.Dispose();
        return ValueTask.CompletedTask;
    }

    /// <summary>The epoch of a run that has no row.</summary>
    public Guid EpochOf(Guid runId, SqliteTransaction transaction)
    {
        LearnSalt(transaction);
        return _salt.EpochOf(runId);
    }

    private static string? Salt(SqliteTransaction transaction)
    {
        using var read = Command(transaction, EpochSalt.ReadSql);
        return read.ExecuteScalar() as string;
    }

    /// <summary>A connection that syncs at every commit.</summary>
    public SqliteConnection Open()
    {
        var connection = new SqliteConnection(_connectionString);
        connection.Open();
        using var pragmas = connection.CreateCommand();
        pragmas.CommandText = "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;";
        pragmas.ExecuteNonQuery();
        return connection;
    }

    /// <summary>Runs one write transaction on a given connection, alone.</summary>
    public void Write(SqliteConnection connection, Action<SqliteTransaction> work)
    {
        lock (_write)
        {
            // Not deferred: the write lock is taken at once, so that nothing read in the transaction can be stale.
            using var transaction = connection.BeginTransaction(deferred: false);
            work(transaction);
            transaction.Commit();
        }
    }

    /// <summary>Of a row of <see cref="EventsBetween"/>.</summary>
    public static string? SignatureOf(SqliteDataReader row) => row.IsDBNull(7) ? null : row.GetString(7);

    public static SqliteCommand Command(
        SqliteTransaction transaction, string sql, params ReadOnlySpan<(string Name, object Value)> parameters)
    {
        var command = transaction.Connection!.CreateCommand();
        command.Transaction = transaction;
        command.CommandText = sql;
        foreach (var (name, value) in parameters) command.Parameters.AddWithValue(name, value);
        return command;
    }

    private void LearnSalt(SqliteTransaction transaction)
    {
        if (!_salt.IsKnown) _salt.Learn(Guid.Parse(Salt(transaction) ?? throw EpochSalt.Missing()));
    }

    private void Write(Action<SqliteTransaction> work)
    {
        using var connection = Open();
        Write(connection, work);
    }
}
