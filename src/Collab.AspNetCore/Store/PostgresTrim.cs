using System.Text;
using Collab.Protocol;
using Npgsql;
using NpgsqlTypes;

namespace Collab.AspNetCore.Store;

/// <summary>Deletes the events of a run that are too old, and folds them into its state, in one transaction.</summary>
internal static class PostgresTrim
{
    public static async Task<int> RunAsync(
        NpgsqlDataSource source, StateShape? shape, Guid runId, int keep, int slack, CancellationToken cancellationToken)
    {
        await using var connection = await source.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        if (await TakeAsync(connection, shape, runId, keep, slack, cancellationToken) is not var (folded, count)) return 0;
        await using var update = new NpgsqlCommand(
            "UPDATE collaboration_runs SET folded_state = $2, folded_sequence = $3 WHERE id = $1", connection)
        {
            Parameters =
            {
                new() { Value = runId },
                new() { Value = folded.ToJson(), NpgsqlDbType = NpgsqlDbType.Jsonb },
                new() { Value = folded.AsOfSequence },
            },
        };
        await update.ExecuteNonQueryAsync(cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        return count;
    }

    /// <summary>
    /// Locks the run first: two servers that trim it must fold one after the other. Scalar limits keep the delete an index scan, and the
    /// lower one keeps that scan from walking over everything that was deleted before: until the next vacuum it is all still in the index.
    /// </summary>
    private static async Task<(StateFold Folded, int Count)?> TakeAsync(
        NpgsqlConnection connection, StateShape? shape, Guid runId, int keep, int slack, CancellationToken cancellationToken)
    {
        await using var batch = new NpgsqlBatch(connection)
        {
            BatchCommands =
            {
                new(PostgresSettings.Begin),
                new("SELECT folded_state::text FROM collaboration_runs WHERE id = $1 FOR UPDATE")
                { Parameters = { new() { Value = runId } } },
                new("""
                    DELETE FROM persisted_collaboration_messages
                    WHERE run_id = $1
                        AND sequence_number > (SELECT folded_sequence FROM collaboration_runs WHERE id = $1)
                        AND sequence_number <= (SELECT least(last_sequence - $2, folded_sequence + $4, greatest(last_sequence - $2 - $3, (
                            SELECT coalesce(min(CASE WHEN h.epoch = r.epoch THEN h.position ELSE 0 END), r.last_sequence)
                            FROM collaboration_handlers n
                            LEFT JOIN collaboration_handler_runs h ON h.handler = n.name AND h.run_id = r.id
                            WHERE n.seen_at > now() - interval '7 days'))) FROM collaboration_runs r WHERE r.id = $1)
                    RETURNING sequence_number, id, user_id, user_name, event_type, timestamp, message_data::text
                    """)
                {
                    Parameters =
                    {
                        new() { Value = runId }, new() { Value = keep }, new() { Value = slack }, new() { Value = IRunStore.TrimmedAtOnce },
                    },
                },
            },
        };
        await using var reader = await batch.ExecuteReaderAsync(cancellationToken);
        await reader.NextResultAsync(cancellationToken);
        if (!await reader.ReadAsync(cancellationToken)) return null;
        var state = StateFold.Parse(Encoding.UTF8.GetBytes(reader.GetString(0)), shape);
        await reader.NextResultAsync(cancellationToken);

        var deleted = new List<(long Sequence, Guid Id, string UserId, string? UserName, string Type, DateTime Time, byte[] Data)>();
        while (await reader.ReadAsync(cancellationToken))
        {
            deleted.Add((reader.GetInt64(0), reader.GetGuid(1), reader.GetString(2),
                reader.IsDBNull(3) ? null : reader.GetString(3), reader.GetString(4),
                reader.GetDateTime(5), reader.GetFieldValue<byte[]>(6)));
        }
        // RETURNING keeps no order; the fold needs the log's.
        deleted.Sort((a, b) => a.Sequence.CompareTo(b.Sequence));
        foreach (var (sequence, id, userId, userName, type, time, data) in deleted)
            state.Apply(runId, sequence, id, userId, userName, type, time, data);
        return deleted.Count == 0 ? null : (state, deleted.Count);
    }
}
