using System.Runtime.InteropServices;
using System.Text;
using Collab.AspNetCore.Events;
using Microsoft.Data.Sqlite;

namespace Collab.AspNetCore.Store;

/// <summary>
/// Commits a batch in one transaction with prepared statements. A duplicate fails its own insert only, and is answered from the row that is
/// there.
/// </summary>
internal sealed class SqliteAppender(SqliteRunStore store, EventSigning? signing) : IRunAppender
{
    private const string ReadRunSql =
        "SELECT epoch, last_sequence, ended_sequence <= last_sequence, folded_sequence FROM collaboration_runs WHERE id = $1";

    private const string WriteRunSql =
        """
        INSERT INTO collaboration_runs (id, epoch, last_sequence, folded_state, folded_sequence, ended_sequence, created_at, updated_at)
        VALUES ($1, $2, $3, '{}', 0, $5, $4, $4)
        ON CONFLICT (id) DO UPDATE SET last_sequence = excluded.last_sequence, updated_at = excluded.updated_at,
            ended_sequence = excluded.ended_sequence,
            created_at = CASE last_sequence WHEN 0 THEN excluded.created_at ELSE created_at END
        """;

    private const string InsertSql =
        """
        INSERT INTO persisted_collaboration_messages
            (run_id, sequence_number, id, user_id, user_name, event_type, message_data, timestamp, is_critical)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, 1)
        """;

    private const string FindSql =
        "SELECT sequence_number, timestamp, user_id, event_type FROM persisted_collaboration_messages WHERE run_id = $1 AND id = $2";

    private const string SinceSql =
        """
        SELECT sequence_number, id, user_id, user_name, event_type, timestamp, message_data, signature FROM persisted_collaboration_messages
        WHERE run_id = $1 AND sequence_number > $2 AND sequence_number <= $3 ORDER BY sequence_number DESC
        """;

    private const string InsertSignedSql =
        """
        INSERT INTO persisted_collaboration_messages
            (run_id, sequence_number, id, user_id, user_name, event_type, message_data, timestamp, is_critical, signature)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, 1, $9)
        """;

    private const string ReadHeadSql = "SELECT CASE signed_epoch WHEN epoch THEN signature END FROM collaboration_runs WHERE id = $1";

    private const string WriteHeadSql =
        """
        UPDATE collaboration_runs SET signed_from = coalesce(CASE signed_epoch WHEN epoch THEN signed_from END, $2),
            folded_signature = CASE signed_epoch WHEN epoch THEN folded_signature END,
            state_signature = CASE signed_epoch WHEN epoch THEN state_signature END,
            signed_epoch = epoch, signed_sequence = $3, signature = $4
        WHERE id = $1
        """;

    /// <summary>All that it does.</summary>
    public static readonly IReadOnlyList<string> Statements =
        [ReadRunSql, WriteRunSql, InsertSql, FindSql, SinceSql, InsertSignedSql, ReadHeadSql, WriteHeadSql];

    /// <summary>Of any of <see cref="Statements"/>: $1, $2, …</summary>
    public const int MostParameters = 9;

    private readonly List<Appended> _answers = [];
    private readonly HashSet<int> _withheld = [];
    private readonly Dictionary<int, IReadOnlyList<LoggedEvent>> _clashes = [];
    private SqliteConnection? _connection;
    private SqliteCommand? _readRun;
    private SqliteCommand? _writeRun;
    private SqliteCommand? _insert;
    private SqliteCommand? _find;
    private SqliteCommand? _since;
    private SqliteCommand? _insertSigned;
    private SqliteCommand? _readHead;
    private SqliteCommand? _writeHead;

    private SqliteCommand?[] Commands => [_readRun, _writeRun, _insert, _find, _since, _insertSigned, _readHead, _writeHead];

    public ValueTask<IReadOnlyList<Appended>> AppendAsync(AppendBatch batch, CancellationToken cancellationToken) =>
        new(Append(_ => batch, (_, _) => { }));

    /// <summary>Commits what a transaction of the caller's comes to, together with the rest of that transaction.</summary>
    /// <param name="read">What to append.</param>
    /// <param name="settle">What else belongs to it, when it is known what the logs have for each append.</param>
    /// <returns>As <see cref="AppendAsync"/>.</returns>
    public IReadOnlyList<Appended> Append(
        Func<SqliteTransaction, AppendBatch> read, Action<SqliteTransaction, IReadOnlyList<Appended>> settle)
    {
        try
        {
            Connect();
            store.Write(_connection!, transaction =>
            {
                Append(read(transaction), transaction);
                settle(transaction, _answers);
            });
            return _answers;
        }
        catch (SqliteException e)
        {
            Disconnect();
            throw SqliteFailure.Explain(e);
        }
    }

    public ValueTask DisposeAsync()
    {
        Disconnect();
        return ValueTask.CompletedTask;
    }

    private void Append(AppendBatch batch, SqliteTransaction transaction)
    {
        foreach (var command in Commands)
        {
            if (command is not null) command.Transaction = transaction;
        }
        var timestamp = UnixTime.ToUtc(batch.Timestamp);
        CollectionsMarshal.SetCount(_answers, batch.Appends.Count);
        FindWithheld(batch);
        // A transaction that failed half-way has left some.
        _clashes.Clear();
        var hasBasis = batch.HasBasis();
        foreach (var run in Enumerable.Range(0, batch.Appends.Count).GroupBy(place => batch.Appends[place].RunId, KeyedGuids.Instance))
        {
            var (epoch, last, hasEnded, folded) = ReadRun(run.Key) ?? (store.EpochOf(run.Key, transaction), 0, false, 0);
            var before = last;
            var isSigned = signing?.IsDue(batch.Timestamp) == true;
            var head = isSigned ? ReadHead(run.Key) : null;
            foreach (var place in run)
            {
                var append = batch.Appends[place];
                if (hasBasis && !hasEnded) FindClashes(batch, place, last, folded);
                _answers[place] = _clashes.Remove(place, out var clashes) ? Find(append, epoch) ?? Appended.Clashing(last, clashes)
                    : _withheld.Count > 0 && _withheld.Contains(place) ? Find(append, epoch) ?? Appended.Withheld
                    : hasEnded ? Find(append, epoch) ?? Appended.TooLate
                    : isSigned ? TryInsertSigned(append, batch.Timestamp, epoch, ref last, ref head) ?? Find(append, epoch)!.Value
                    : TryInsert(_insert!, append, last + 1, timestamp) ? new(++last, batch.Timestamp, epoch)
                    : Find(append, epoch)!.Value;
                hasEnded |= append.EndsRun && _answers[place].Found == Found.Nothing;
            }
            if (last == before) continue;
            WriteRun(run.Key, epoch, last, hasEnded, timestamp);
            if (isSigned) WriteHead(run.Key, before + 1, last, head!);
        }
    }

    /// <summary>Nothing of an atomic group may be inserted before it is clear that all of it can be.</summary>
    private void FindWithheld(AppendBatch batch)
    {
        _withheld.Clear();
        foreach (var group in batch.Groups.Where(group => group.IsAtomic))
        {
            var places = Enumerable.Range(group.Start, group.Count);
            if (places.Any(place => Find(batch.Appends[place], epoch: Guid.Empty)?.Found == Found.Another)) _withheld.UnionWith(places);
        }
    }

    /// <summary>
    /// Notes what stands against an append, or where it is the first of those that came together, against each of them: they do not stand
    /// against each other.
    /// </summary>
    /// <param name="last">Where the run stands.</param>
    /// <param name="folded">What is not kept any more.</param>
    private void FindClashes(AppendBatch batch, int place, long last, long folded)
    {
        var group = batch.GroupOf(place) ?? new(place, 1, IsAtomic: false);
        if (group.Start != place) return;
        for (var member = place; member < place + group.Count; member++)
        {
            var append = batch.Appends[member];
            if (append.Basis is not { } basis || Find(append, epoch: Guid.Empty) is not null) continue;
            var clashes = Since(append.RunId, basis, last);
            if (clashes.Count == 0 && basis.Sequence <= last && basis.Sequence >= folded) continue;
            _clashes.Add(member, clashes);
            if (group.IsAtomic) _withheld.UnionWith(Enumerable.Range(group.Start, group.Count));
        }
    }

    /// <summary>The newest events that have touched the subject of an append since, ascending.</summary>
    private List<LoggedEvent> Since(Guid runId, Basis basis, long last)
    {
        var clashes = new List<LoggedEvent>();
        Set(_since!, runId, basis.Sequence, last);
        using var row = _since!.ExecuteReader();
        while (clashes.Count < Basis.MostClashes && row.Read())
        {
            var (type, data) = (row.GetString(4), Encoding.UTF8.GetBytes(row.GetString(6)));
            if (!basis.Subject.IsOf(type, data)) continue;
            clashes.Insert(0, new(
                runId, row.GetInt64(0), type, row.GetString(2), row.IsDBNull(3) ? null : row.GetString(3),
                UnixTime.ToMilliseconds(row.GetDateTime(5)), row.GetGuid(1), EventDataReader.Compact(data),
                SqliteRunStore.SignatureOf(row)));
        }
        return clashes;
    }

    private (Guid Epoch, long LastSequence, bool HasEnded, long FoldedSequence)? ReadRun(Guid runId)
    {
        _readRun!.Parameters[0].Value = runId;
        using var row = _readRun.ExecuteReader();
        return row.Read() ? (row.GetGuid(0), row.GetInt64(1), !row.IsDBNull(2) && row.GetBoolean(2), row.GetInt64(3)) : null;
    }

    /// <summary>Only a run that went on before gets events, so its end is the last of them or still to come.</summary>
    private void WriteRun(Guid runId, Guid epoch, long lastSequence, bool hasEnded, DateTime timestamp)
    {
        Set(_writeRun!, runId, epoch, lastSequence, timestamp, hasEnded ? lastSequence : DBNull.Value);
        _writeRun!.ExecuteNonQuery();
    }

    /// <summary>The signature that the next of a run begins from.</summary>
    private string? ReadHead(Guid runId)
    {
        _readHead!.Parameters[0].Value = runId;
        return _readHead.ExecuteScalar() as string;
    }

    private void WriteHead(Guid runId, long first, long last, string signature)
    {
        Set(_writeHead!, runId, first, last, signature);
        _writeHead!.ExecuteNonQuery();
    }

    /// <returns>Null: there is one with its id.</returns>
    private Appended? TryInsertSigned(in Append append, long timestamp, Guid epoch, ref long last, ref string? head)
    {
        var signature = signing!.Sign(append, epoch, last + 1, timestamp, head);
        _insertSigned!.Parameters[8].Value = signature;
        if (!TryInsert(_insertSigned, append, last + 1, UnixTime.ToUtc(timestamp))) return null;
        head = signature;
        return new(++last, timestamp, epoch) { Signature = signature };
    }

    private static bool TryInsert(SqliteCommand insert, in Append append, long sequence, DateTime timestamp)
    {
        try
        {
            var (runId, messageId, eventType, userId, userName, data) = append;
            Set(insert, runId, sequence, messageId, userId, (object?)userName ?? DBNull.Value,
                eventType, Encoding.UTF8.GetString(data), timestamp);
            insert.ExecuteNonQuery();
            return true;
        }
        catch (SqliteException e) when (SqliteFailure.IsDuplicateMessage(e))
        {
            // SQLite undoes the statement, not the transaction.
            return false;
        }
    }

    /// <summary>What is there under an append's id; null if nothing is.</summary>
    private Appended? Find(in Append append, Guid epoch)
    {
        Set(_find!, append.RunId, append.MessageId);
        using var row = _find!.ExecuteReader();
        if (!row.Read()) return null;
        var first = new Appended(row.GetInt64(0), UnixTime.ToMilliseconds(row.GetDateTime(1)), epoch);
        return append.Meets(first, row.GetString(2), row.GetString(3));
    }

    private static void Set(SqliteCommand command, params ReadOnlySpan<object> values)
    {
        for (var i = 0; i < values.Length; i++) command.Parameters[i].Value = values[i];
    }

    private void Connect()
    {
        if (_connection is not null) return;
        _connection = store.Open();
        _readRun = Prepare(ReadRunSql, 1);
        _writeRun = Prepare(WriteRunSql, 5);
        _insert = Prepare(InsertSql, 8);
        _find = Prepare(FindSql, 2);
        _since = Prepare(SinceSql, 3);
        if (signing is null) return;
        _insertSigned = Prepare(InsertSignedSql, MostParameters);
        _readHead = Prepare(ReadHeadSql, 1);
        _writeHead = Prepare(WriteHeadSql, 4);
    }

    private SqliteCommand Prepare(string sql, int parameters)
    {
        var command = _connection!.CreateCommand();
        command.CommandText = sql;
        for (var i = 1; i <= parameters; i++) command.Parameters.Add(new SqliteParameter { ParameterName = $"${i}" });
        return command;
    }

    private void Disconnect()
    {
        foreach (var command in Commands) command?.Dispose();
        _connection?.Dispose();
        _connection = null;
    }
}
