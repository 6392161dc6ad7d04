using Collab.AspNetCore.Events;
using Collab.AspNetCore.RunLog;
using Npgsql;
using NpgsqlTypes;

namespace Collab.AspNetCore.Store;

/// <summary>
/// Commits one event, which is what a batch is where few publish. It does what <see cref="PostgresBatchStatement"/> does, but PostgreSQL keeps its
/// plan, where it plans that one anew each time: a third of the time that a lone event spends there.
/// </summary>
internal sealed class PostgresSingleStatement : IAsyncDisposable
{
    private const string Sql =
        """
        WITH bumped AS (
            INSERT INTO collaboration_runs AS r (id, epoch, last_sequence, folded_state, folded_sequence, created_at, updated_at)
            VALUES ($1, $2, 1, '{}', 0, $3, $3)
            ON CONFLICT (id) DO UPDATE SET last_sequence = r.last_sequence + 1, updated_at = EXCLUDED.updated_at
            RETURNING id, epoch, last_sequence
        ), inserted AS (
            INSERT INTO persisted_collaboration_messages
                (run_id, sequence_number, id, user_id, user_name, event_type, message_data, timestamp, is_critical)
            SELECT b.id, b.last_sequence, $4, $5, $6, $7, $8, $3, true FROM bumped b
        )
        SELECT epoch, last_sequence FROM bumped
        """;

    private readonly NpgsqlParameter<Guid> _runId = new() { NpgsqlDbType = NpgsqlDbType.Uuid };
    private readonly NpgsqlParameter<Guid> _epoch = new() { NpgsqlDbType = NpgsqlDbType.Uuid };
    private readonly NpgsqlParameter<DateTime> _timestamp = new() { NpgsqlDbType = NpgsqlDbType.TimestampTz };
    private readonly NpgsqlParameter<Guid> _messageId = new() { NpgsqlDbType = NpgsqlDbType.Uuid };
    private readonly NpgsqlParameter<string> _userId = new() { NpgsqlDbType = NpgsqlDbType.Text };
    private readonly NpgsqlParameter<string?> _userName = new() { NpgsqlDbType = NpgsqlDbType.Text };
    private readonly NpgsqlParameter<string> _eventType = new() { NpgsqlDbType = NpgsqlDbType.Text };
    private readonly NpgsqlParameter<byte[]> _data = new() { NpgsqlDbType = NpgsqlDbType.Jsonb };
    private readonly NpgsqlCommand _command;
    private readonly EpochSalt _salt;

    private PostgresSingleStatement(NpgsqlConnection connection, EpochSalt salt) =>
        (_command, _salt) = (new(Sql, connection) { Parameters = { _runId, _epoch, _timestamp, _messageId, _userId, _userName, _eventType, _data } }, salt);

    public static async ValueTask<PostgresSingleStatement> PrepareAsync(NpgsqlConnection connection, EpochSalt salt, CancellationToken cancellationToken)
    {
        var statement = new PostgresSingleStatement(connection, salt);
        await statement._command.PrepareAsync(cancellationToken);
        return statement;
    }

    public async ValueTask CommitAsync(PendingAppend append, long timestamp, CancellationToken cancellationToken)
    {
        (_runId.TypedValue, _epoch.TypedValue, _timestamp.TypedValue) = (append.RunId, _salt.EpochOf(append.RunId), UnixTime.ToUtc(timestamp));
        (_messageId.TypedValue, _userId.TypedValue, _userName.TypedValue) = (append.MessageId, append.UserId, append.UserName);
        (_eventType.TypedValue, _data.TypedValue) = (append.EventType, append.Data);
        await using var reader = await _command.ExecuteReaderAsync(cancellationToken);
        await reader.ReadAsync(cancellationToken);
        (append.Epoch, append.Sequence, append.Timestamp) = (reader.GetGuid(0), reader.GetInt64(1), timestamp);
    }

    public ValueTask DisposeAsync() => _command.DisposeAsync();
}
