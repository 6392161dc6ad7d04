using Collab.AspNetCore.Events;
using Npgsql;
using NpgsqlTypes;

namespace Collab.AspNetCore.Store;

/// <summary>
/// Commits one event, which is what a batch is where few publish. It does what <see cref="PostgresBatchStatement"/> does, but PostgreSQL
/// keeps its plan, where it plans that one each time: a third of the time that a lone event spends there.
/// </summary>
internal sealed class PostgresSingleStatement : IAsyncDisposable
{
    private const int Parameters = 9;
    private const string Sql =
        """
        bumped AS (
            INSERT INTO collaboration_runs AS r
                (id, epoch, last_sequence, folded_state, folded_sequence, ended_sequence, created_at, updated_at)
            SELECT $1, $2, 1, '{}', 0, $9, $3, $3 FROM settings
            ON CONFLICT (id) DO UPDATE SET last_sequence = r.last_sequence + 1, updated_at = EXCLUDED.updated_at,
                ended_sequence = r.last_sequence + EXCLUDED.ended_sequence,
                created_at = CASE r.last_sequence WHEN 0 THEN EXCLUDED.created_at ELSE r.created_at END
            WHERE r.ended_sequence IS NULL OR r.ended_sequence > r.last_sequence
            RETURNING id, epoch, last_sequence
        ), inserted AS (
            INSERT INTO persisted_collaboration_messages
                (run_id, sequence_number, id, user_id, user_name, event_type, message_data, timestamp, is_critical)
            SELECT b.id, b.last_sequence, $4, $5, $6, $7, $8, $3, true FROM bumped b
        )
        SELECT b.epoch, b.last_sequence FROM settings LEFT JOIN bumped b ON true
        """;

    /// <summary>The statement with values in it, to be planned and not to be run.</summary>
    public const string Sample =
        $$"""
        WITH settings AS MATERIALIZED (SELECT {{PostgresSettings.Values}}), bumped AS (
            INSERT INTO collaboration_runs AS r
                (id, epoch, last_sequence, folded_state, folded_sequence, ended_sequence, created_at, updated_at)
            SELECT gen_random_uuid(), gen_random_uuid(), 1, '{}', 0, NULL, now(), now() FROM settings
            ON CONFLICT (id) DO UPDATE SET last_sequence = r.last_sequence + 1, updated_at = EXCLUDED.updated_at,
                created_at = EXCLUDED.created_at, ended_sequence = r.last_sequence + EXCLUDED.ended_sequence
            WHERE r.ended_sequence IS NULL OR r.ended_sequence > r.last_sequence
            RETURNING id, epoch, last_sequence
        )
        INSERT INTO persisted_collaboration_messages
            (run_id, sequence_number, id, user_id, user_name, event_type, message_data, timestamp, is_critical)
        SELECT b.id, b.last_sequence, b.epoch, '', '', '', '{}', now(), true FROM bumped b
        """;

    private readonly NpgsqlParameter<Guid> _runId = new() { NpgsqlDbType = NpgsqlDbType.Uuid };
    private readonly NpgsqlParameter<Guid> _epoch = new() { NpgsqlDbType = NpgsqlDbType.Uuid };
    private readonly NpgsqlParameter<DateTime> _timestamp = new() { NpgsqlDbType = NpgsqlDbType.TimestampTz };
    private readonly NpgsqlParameter<Guid> _messageId = new() { NpgsqlDbType = NpgsqlDbType.Uuid };
    private readonly NpgsqlParameter<string> _userId = new() { NpgsqlDbType = NpgsqlDbType.Text };
    private readonly NpgsqlParameter<string?> _userName = new() { NpgsqlDbType = NpgsqlDbType.Text };
    private readonly NpgsqlParameter<string> _eventType = new() { NpgsqlDbType = NpgsqlDbType.Text };
    private readonly NpgsqlParameter<byte[]> _data = new() { NpgsqlDbType = NpgsqlDbType.Jsonb };
    private readonly NpgsqlParameter<long?> _ended = new() { NpgsqlDbType = NpgsqlDbType.Bigint };
    private readonly NpgsqlCommand _command;
    private readonly EpochSalt _salt;

    private PostgresSingleStatement(NpgsqlConnection connection, PostgresFence fence, EpochSalt salt)
    {
        _salt = salt;
        _command = new(fence.Head(Parameters) + Sql, connection)
        {
            Parameters = { _runId, _epoch, _timestamp, _messageId, _userId, _userName, _eventType, _data, _ended },
        };
    }

    public static async ValueTask<PostgresSingleStatement> PrepareAsync(
        NpgsqlConnection connection, PostgresFence fence, EpochSalt salt, CancellationToken cancellationToken)
    {
        var statement = new PostgresSingleStatement(connection, fence, salt);
        await fence.PrepareAsync(statement._command, cancellationToken);
        return statement;
    }

    /// <summary>Commits the one append of the front. It stays open if its run has ended.</summary>
    /// <returns>As <see cref="PostgresBatchStatement.CommitAsync"/>.</returns>
    public async ValueTask<bool> CommitAsync(PostgresBatch batch, CancellationToken cancellationToken)
    {
        var place = batch.Front[0];
        var (runId, messageId, eventType, userId, userName, data) = batch[place];
        (_runId.TypedValue, _epoch.TypedValue, _timestamp.TypedValue) = (runId, _salt.EpochOf(runId), UnixTime.ToUtc(batch.Timestamp));
        (_messageId.TypedValue, _userId.TypedValue, _userName.TypedValue) = (messageId, userId, userName);
        (_eventType.TypedValue, _data.TypedValue, _ended.TypedValue) = (eventType, data, batch[place].EndsRun ? 1 : null);
        await using var reader = await _command.ExecuteReaderAsync(cancellationToken);
        if (!await reader.ReadAsync(cancellationToken)) return false;
        if (reader.IsDBNull(0)) batch.Leave(place);
        else batch.Answer(place, new(reader.GetInt64(1), batch.Timestamp, reader.GetGuid(0)));
        return true;
    }

    public ValueTask DisposeAsync() => _command.DisposeAsync();
}
