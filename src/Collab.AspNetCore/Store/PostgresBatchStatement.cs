using System.Runtime.InteropServices;
using Collab.AspNetCore.Events;
using Npgsql;
using NpgsqlTypes;

namespace Collab.AspNetCore.Store;

/// <summary>
/// Commits any number of events with one prepared statement in one round trip: the runs' rows are raised by how many events each gets,
/// which locks them and makes the numbers, and the events are inserted counting back from there. Counting back is done here, because window
/// functions would cost PostgreSQL half as much again. The columns that the statement unnests are reused from batch to batch.
/// </summary>
internal sealed class PostgresBatchStatement : IAsyncDisposable
{
    private const int Parameters = 12;
    private const int SignedParameters = 14;
    private const string Sql =
        """
        bumped AS (
            INSERT INTO collaboration_runs AS r
                (id, epoch, last_sequence, folded_state, folded_sequence, ended_sequence, created_at, updated_at)
            SELECT u.id, u.epoch, u.added, '{}', 0, u.ended, $4, $4
            FROM settings, unnest($1::uuid[], $2::uuid[], $3::bigint[], $12::bigint[]) AS u (id, epoch, added, ended)
            ON CONFLICT (id) DO UPDATE SET last_sequence = r.last_sequence + EXCLUDED.last_sequence, updated_at = EXCLUDED.updated_at,
                ended_sequence = r.last_sequence + EXCLUDED.ended_sequence,
                created_at = CASE r.last_sequence WHEN 0 THEN EXCLUDED.created_at ELSE r.created_at END
            WHERE r.ended_sequence IS NULL OR r.ended_sequence > r.last_sequence
            RETURNING id, epoch, last_sequence
        ), inserted AS (
            INSERT INTO persisted_collaboration_messages
                (run_id, sequence_number, id, user_id, user_name, event_type, message_data, timestamp, is_critical)
            SELECT e.run_id, b.last_sequence - e.back, e.id, e.user_id, e.user_name, e.event_type, e.data, $4, true
            FROM unnest($5::uuid[], $6::bigint[], $7::uuid[], $8::text[], $9::text[], $10::text[], $11::jsonb[])
                AS e (run_id, back, id, user_id, user_name, event_type, data)
            JOIN bumped b ON b.id = e.run_id
        )
        SELECT b.id, b.epoch, b.last_sequence FROM settings LEFT JOIN bumped b ON true
        """;

    /// <summary>The same with what signs the events, and in the runs' rows what signs the newest.</summary>
    private const string SignedSql =
        """
        bumped AS (
            INSERT INTO collaboration_runs AS r
                (id, epoch, last_sequence, folded_state, folded_sequence, ended_sequence, created_at, updated_at, signature)
            SELECT u.id, u.epoch, u.added, '{}', 0, u.ended, $4, $4, u.signature
            FROM settings, unnest($1::uuid[], $2::uuid[], $3::bigint[], $12::bigint[], $13::text[])
                AS u (id, epoch, added, ended, signature)
            ON CONFLICT (id) DO UPDATE SET last_sequence = r.last_sequence + EXCLUDED.last_sequence, updated_at = EXCLUDED.updated_at,
                ended_sequence = r.last_sequence + EXCLUDED.ended_sequence,
                created_at = CASE r.last_sequence WHEN 0 THEN EXCLUDED.created_at ELSE r.created_at END,
                signed_from = coalesce(CASE r.signed_epoch WHEN r.epoch THEN r.signed_from END, r.last_sequence + 1),
                folded_signature = CASE r.signed_epoch WHEN r.epoch THEN r.folded_signature END,
                state_signature = CASE r.signed_epoch WHEN r.epoch THEN r.state_signature END,
                signed_epoch = r.epoch, signed_sequence = r.last_sequence + EXCLUDED.last_sequence, signature = EXCLUDED.signature
            WHERE r.ended_sequence IS NULL OR r.ended_sequence > r.last_sequence
            RETURNING id, epoch, last_sequence
        ), inserted AS (
            INSERT INTO persisted_collaboration_messages
                (run_id, sequence_number, id, user_id, user_name, event_type, message_data, timestamp, is_critical, signature)
            SELECT e.run_id, b.last_sequence - e.back, e.id, e.user_id, e.user_name, e.event_type, e.data, $4, true, e.signature
            FROM unnest($5::uuid[], $6::bigint[], $7::uuid[], $8::text[], $9::text[], $10::text[], $11::jsonb[], $14::text[])
                AS e (run_id, back, id, user_id, user_name, event_type, data, signature)
            JOIN bumped b ON b.id = e.run_id
        )
        SELECT b.id, b.epoch, b.last_sequence FROM settings LEFT JOIN bumped b ON true
        """;

    private readonly NpgsqlCommand _command;
    private readonly EpochSalt _salt;

    // One entry per run, ids sorted: two servers that lock the same runs do so in the same order, and cannot deadlock.
    private readonly SortedDictionary<Guid, long> _counts = [];
    private readonly Dictionary<Guid, (Guid Epoch, long LastSequence)> _committed = new(KeyedGuids.Instance);
    private readonly List<Guid> _runs = [];
    private readonly List<Guid> _epochs = [];
    private readonly List<long> _added = [];
    private readonly List<long?> _ended = [];
    private readonly HashSet<Guid> _ending = new(KeyedGuids.Instance);

    // One entry per event.
    private readonly List<Guid> _runIds = [];
    private readonly List<long> _back = [];
    private readonly List<Guid> _messageIds = [];
    private readonly List<string> _userIds = [];
    private readonly List<string?> _userNames = [];
    private readonly List<string> _eventTypes = [];
    private readonly List<byte[]> _data = [];

    // What signs them, where they are signed: the runs' newest events, and all events.
    private readonly bool _signs;
    private readonly List<string?> _heads = [];
    private readonly List<string?> _signatures = [];

    private PostgresBatchStatement(NpgsqlConnection connection, PostgresFence fence, EpochSalt salt, bool signs)
    {
        var sql = signs ? fence.Head(SignedParameters) + SignedSql : fence.Head(Parameters) + Sql;
        (_command, _salt, _signs) = (new(sql, connection), salt, signs);
        foreach (var type in (NpgsqlDbType[])[
            NpgsqlDbType.Uuid | NpgsqlDbType.Array, NpgsqlDbType.Uuid | NpgsqlDbType.Array, NpgsqlDbType.Bigint | NpgsqlDbType.Array,
            NpgsqlDbType.TimestampTz,
            NpgsqlDbType.Uuid | NpgsqlDbType.Array, NpgsqlDbType.Bigint | NpgsqlDbType.Array, NpgsqlDbType.Uuid | NpgsqlDbType.Array,
            NpgsqlDbType.Text | NpgsqlDbType.Array, NpgsqlDbType.Text | NpgsqlDbType.Array, NpgsqlDbType.Text | NpgsqlDbType.Array,
            NpgsqlDbType.Jsonb | NpgsqlDbType.Array, NpgsqlDbType.Bigint | NpgsqlDbType.Array])
        {
            _command.Parameters.Add(new() { NpgsqlDbType = type });
        }
        if (!signs) return;
        for (var i = Parameters; i < SignedParameters; i++)
            _command.Parameters.Add(new() { NpgsqlDbType = NpgsqlDbType.Text | NpgsqlDbType.Array });
    }

    /// <summary>
    /// For a connection that runs it seldom, in transactions of the caller's own: it is planned each time, and the caller sees to it that
    /// no other session does the same.
    /// </summary>
    public static PostgresBatchStatement Unprepared(NpgsqlConnection connection, EpochSalt salt, bool signs) =>
        new(connection, new(), salt, signs);

    public static async ValueTask<PostgresBatchStatement> PrepareAsync(
        NpgsqlConnection connection, PostgresFence fence, EpochSalt salt, bool signs, CancellationToken cancellationToken)
    {
        var statement = new PostgresBatchStatement(connection, fence, salt, signs);
        await fence.PrepareAsync(statement._command, cancellationToken);
        return statement;
    }

    /// <summary>Commits the front of a batch. What is in it of runs that have ended stays open.</summary>
    /// <returns>False: another session has taken this one's place, and nothing was done.</returns>
    public async ValueTask<bool> CommitAsync(PostgresBatch batch, CancellationToken cancellationToken)
    {
        Fill(batch);
        object[] values =
            [_runs, _epochs, _added, UnixTime.ToUtc(batch.Timestamp), _runIds,
                _back, _messageIds, _userIds, _userNames, _eventTypes, _data, _ended];
        for (var i = 0; i < values.Length; i++) _command.Parameters[i].Value = values[i];
        if (_signs) (_command.Parameters[Parameters].Value, _command.Parameters[Parameters + 1].Value) = (_heads, _signatures);
        await using (var reader = await _command.ExecuteReaderAsync(cancellationToken))
        {
            if (!await reader.ReadAsync(cancellationToken)) return false;
            do
            {
                if (!reader.IsDBNull(0)) _committed[reader.GetGuid(0)] = (reader.GetGuid(1), reader.GetInt64(2));
            }
            while (await reader.ReadAsync(cancellationToken));
        }
        Number(batch);
        return true;
    }

    public ValueTask DisposeAsync() => _command.DisposeAsync();

    private void Fill(PostgresBatch batch)
    {
        Clear();
        foreach (var place in batch.Front)
        {
            var append = batch[place];
            _runIds.Add(append.RunId);
            _messageIds.Add(append.MessageId);
            _userIds.Add(append.UserId);
            _userNames.Add(append.UserName);
            _eventTypes.Add(append.EventType);
            _data.Add(append.Data);
            if (append.EndsRun) _ending.Add(append.RunId);
            if (_signs) _signatures.Add(batch.SignatureOf(place));
        }
        CollectionsMarshal.SetCount(_back, _runIds.Count);
        for (var i = _runIds.Count - 1; i >= 0; i--)
        {
            var run = _runIds[i];
            _back[i] = _counts.GetValueOrDefault(run);
            _counts[run] = _back[i] + 1;
        }
        foreach (var (run, added) in _counts)
        {
            _runs.Add(run);
            _epochs.Add(_salt.EpochOf(run));
            _added.Add(added);
            _ended.Add(_ending.Contains(run) ? added : null);
            if (_signs) _heads.Add(batch.HeadOf(run));
        }
    }

    /// <summary>Gives each event that was stored its number.</summary>
    private void Number(PostgresBatch batch)
    {
        for (var i = 0; i < _runIds.Count; i++)
        {
            var place = batch.Front[i];
            if (_committed.TryGetValue(_runIds[i], out var run))
            {
                batch.Answer(
                    place,
                    new(run.LastSequence - _back[i], batch.Timestamp, run.Epoch) { Signature = _signs ? batch.SignatureOf(place) : null });
            }
            else
            {
                batch.Leave(place);
            }
        }
    }

    private void Clear()
    {
        _counts.Clear();
        _committed.Clear();
        _runs.Clear();
        _epochs.Clear();
        _added.Clear();
        _ended.Clear();
        _ending.Clear();
        _runIds.Clear();
        _back.Clear();
        _messageIds.Clear();
        _userIds.Clear();
        _userNames.Clear();
        _eventTypes.Clear();
        _data.Clear();
        _heads.Clear();
        _signatures.Clear();
    }
}
