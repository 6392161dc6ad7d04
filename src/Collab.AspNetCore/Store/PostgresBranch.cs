using System.Text;
using Collab.Protocol;
using Npgsql;
using NpgsqlTypes;

namespace Collab.AspNetCore.Store;

/// <summary>
/// Copies a run inside the database. What the copy begins with is read first, without a lock. Then one statement, which sees one moment,
/// makes the new run and copies the events, if the original has not been trimmed or erased since: no writer of it ever waits.
/// </summary>
internal static class PostgresBranch
{
    private const string Found =
        "SELECT epoch, branched_from, branched_from_sequence FROM collaboration_runs WHERE id = $1 AND last_sequence > 0";

    private const string Original =
        "SELECT epoch, last_sequence, folded_sequence, folded_state::text FROM collaboration_runs WHERE id = $1";

    /// <summary>
    /// Parameters: the original, its epoch and its folded sequence as they were read, the new run and its epoch, after which event and up
    /// to which events are copied, the state after the former.
    /// </summary>
    private static readonly string Copy =
        $"""
        WITH settings AS MATERIALIZED (SELECT {PostgresSettings.Values}), made AS (
            INSERT INTO collaboration_runs AS r (id, epoch, last_sequence, folded_state, folded_sequence, created_at, updated_at,
                branched_from, branched_from_sequence, ended_sequence)
            SELECT $4, $5, $7, $8, $6, now(), now(), o.id, $7, CASE WHEN o.ended_sequence = $7 THEN $7 END
            FROM settings, collaboration_runs o WHERE o.id = $1 AND o.epoch = $2 AND o.folded_sequence = $3
            ON CONFLICT (id) DO UPDATE SET epoch = EXCLUDED.epoch, last_sequence = EXCLUDED.last_sequence,
                folded_state = EXCLUDED.folded_state, folded_sequence = EXCLUDED.folded_sequence,
                created_at = EXCLUDED.created_at, updated_at = EXCLUDED.updated_at,
                branched_from = EXCLUDED.branched_from, branched_from_sequence = EXCLUDED.branched_from_sequence,
                ended_sequence = EXCLUDED.ended_sequence
            WHERE r.last_sequence = 0
            RETURNING id, epoch
        ), copied AS (
            INSERT INTO persisted_collaboration_messages
                (run_id, sequence_number, id, user_id, user_name, event_type, message_data, timestamp, is_critical)
            SELECT made.id, m.sequence_number, m.id, m.user_id, m.user_name, m.event_type, m.message_data, m.timestamp, m.is_critical
            FROM made, persisted_collaboration_messages m
            WHERE m.run_id = $1 AND m.sequence_number > $6 AND m.sequence_number <= $7
        ), handlers AS (
            {HandlerSql.BeginAfter("made.id", "made.epoch", "$7", ", made")}
        )
        SELECT epoch FROM made
        """;

    public static async Task<BranchOutcome> RunAsync(
        NpgsqlDataSource source, StateShape? shape, EventSigning? signing, Branch branch, int keep, CancellationToken cancellationToken)
    {
        await using var connection = await source.OpenConnectionAsync(cancellationToken);
        for (var attempt = 0; attempt < Branch.Attempts; attempt++)
        {
            if (await FindAsync(connection, branch, cancellationToken) is { } found) return found;
            if (await ReadAsync(connection, branch, cancellationToken) is not var (epoch, last, folded, state))
                return new(BranchKind.NotKept);
            if (BranchOutcome.Refusal(branch, folded, last, keep) is { } refusal) return refusal;
            var after = Math.Max(folded, branch.Sequence - keep);
            if (after > folded) state = await FoldAsync(connection, shape, branch.From, state, after, cancellationToken);
            var seal = signing is null ? null : await PostgresVerify.ReadAsync(connection, branch.From, cancellationToken);
            if (seal is not null && (seal.Epoch != epoch || seal.FoldedSequence != folded)) continue;
            var made = Guid.NewGuid();
            await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
            await using var copy = new NpgsqlCommand(Copy, connection)
            {
                Parameters =
                {
                    new() { Value = branch.From }, new() { Value = epoch }, new() { Value = folded }, new() { Value = branch.RunId },
                    new() { Value = made }, new() { Value = after }, new() { Value = branch.Sequence },
                    new() { Value = state, NpgsqlDbType = NpgsqlDbType.Jsonb },
                },
            };
            if (await copy.ExecuteScalarAsync(cancellationToken) is null) continue;
            if (seal is not null)
                await PostgresSignedCopy.RunAsync(connection, signing!, seal, branch, made, after, state, cancellationToken);
            await transaction.CommitAsync(cancellationToken);
            return new(BranchKind.Made, made);
        }
        throw Branch.NeverStill();
    }

    private static async Task<BranchOutcome?> FindAsync(NpgsqlConnection connection, Branch branch, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(Found, connection) { Parameters = { new() { Value = branch.RunId } } };
        await using var row = await command.ExecuteReaderAsync(cancellationToken);
        if (!await row.ReadAsync(cancellationToken)) return null;
        return BranchOutcome.There(
            branch, row.GetGuid(0), row.IsDBNull(1) ? null : row.GetGuid(1), row.IsDBNull(2) ? null : row.GetInt64(2));
    }

    private static async Task<(Guid Epoch, long Last, long Folded, string State)?> ReadAsync(
        NpgsqlConnection connection, Branch branch, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(Original, connection) { Parameters = { new() { Value = branch.From } } };
        await using var row = await command.ExecuteReaderAsync(cancellationToken);
        return await row.ReadAsync(cancellationToken) ? (row.GetGuid(0), row.GetInt64(1), row.GetInt64(2), row.GetString(3)) : null;
    }

    /// <summary>The original has more events than a run keeps, for its handlers: the copy has none, and need not keep as many.</summary>
    private static async Task<string> FoldAsync(
        NpgsqlConnection connection, StateShape? shape, Guid from, string state, long upTo, CancellationToken cancellationToken)
    {
        var fold = StateFold.Parse(Encoding.UTF8.GetBytes(state), shape);
        await PostgresTrim.FoldAsync(connection, from, fold, upTo, check: null, cancellationToken);
        return Encoding.UTF8.GetString(fold.ToJson());
    }
}
