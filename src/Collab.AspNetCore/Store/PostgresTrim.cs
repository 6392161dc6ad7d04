using System.Text;
using Collab.Protocol;
using Npgsql;
using NpgsqlTypes;

namespace Collab.AspNetCore.Store;

/// <summary>
/// Deletes the events of a run that are too old, and folds them into its state. They are read and folded first, without a lock: what is
/// committed does not change. Then one statement deletes them and replaces the state, if it is still the one that they were folded into.
/// So the run's row, for which its next event waits, is never held while this server thinks.
/// </summary>
internal static class PostgresTrim
{
    /// <summary>So often another server may have come first.</summary>
    private const int Attempts = 3;

    private const string State =
        """
        SELECT r.epoch, r.folded_sequence, r.folded_state::text,
            least(r.last_sequence - $2, r.folded_sequence + $4, greatest(r.last_sequence - $2 - $3, (
                SELECT coalesce(min(CASE WHEN h.epoch = r.epoch THEN h.position ELSE 0 END), r.last_sequence)
                FROM collaboration_handlers n
                LEFT JOIN collaboration_handler_runs h ON h.handler = n.name AND h.run_id = r.id
                WHERE n.seen_at > now() - interval '7 days')))
        FROM collaboration_runs r WHERE r.id = $1
        """;

    private const string Sign =
        """
        UPDATE collaboration_runs SET folded_signature = $4, state_signature = $5
        WHERE id = $1 AND signed_epoch = $2 AND epoch = $2 AND folded_sequence = $3
        """;

    /// <summary>
    /// Another server may have trimmed the run meanwhile, or erased it: nothing is done then. The lower limit, here and where the events
    /// are read, keeps the scan from walking over everything that was deleted before: until the next vacuum it is all there.
    /// </summary>
    private const string Replace =
        $"""
        WITH settings AS MATERIALIZED (SELECT {PostgresSettings.Values}), replaced AS (
            UPDATE collaboration_runs SET folded_state = $5, folded_sequence = $3
            FROM settings WHERE id = $1 AND epoch = $4 AND folded_sequence = $2
            RETURNING id
        )
        DELETE FROM persisted_collaboration_messages
        WHERE run_id = $1 AND sequence_number > $2 AND sequence_number <= $3 AND EXISTS (SELECT FROM replaced)
        """;

    /// <returns>How many events it deleted.</returns>
    public static async Task<int> RunAsync(
        NpgsqlDataSource source, StateShape? shape, EventSigning? signing, Guid runId, int keep, int slack,
        CancellationToken cancellationToken)
    {
        await using var connection = await source.OpenConnectionAsync(cancellationToken);
        for (var attempt = 0; attempt < Attempts; attempt++)
        {
            if (await ReadStateAsync(connection, shape, runId, keep, slack, cancellationToken) is not var (epoch, state, upTo)) return 0;
            var before = state.AsOfSequence;
            var seal = signing is null ? null : await PostgresVerify.ReadAsync(connection, runId, cancellationToken);
            var check = seal is { IsSigned: true } && seal.Epoch == epoch && seal.FoldedSequence == before
                ? new ChainCheck(signing!, seal) : null;
            check?.Begin();
            await FoldAsync(connection, runId, state, upTo, check, cancellationToken);
            SignedState? signed = check is null ? null : SignedState.Of(signing!, seal!, check, state);
            if (await ReplaceAsync(connection, runId, epoch, before, state, signed, cancellationToken) is > 0 and var deleted)
                return deleted;
        }
        // Others do it.
        return 0;
    }

    private static async Task<int> ReplaceAsync(
        NpgsqlConnection connection, Guid runId, Guid epoch, long before, StateFold state, SignedState? signed,
        CancellationToken cancellationToken)
    {
        await using var batch = new NpgsqlBatch(connection);
        var replace = new NpgsqlBatchCommand(Replace)
        {
            Parameters =
            {
                new() { Value = runId }, new() { Value = before }, new() { Value = state.AsOfSequence }, new() { Value = epoch },
                new() { Value = state.ToJson(), NpgsqlDbType = NpgsqlDbType.Jsonb },
            },
        };
        batch.BatchCommands.Add(replace);
        // A batch is one transaction.
        if (signed is var (folded, signature))
        {
            batch.BatchCommands.Add(new(Sign)
            {
                Parameters =
                {
                    new() { Value = runId }, new() { Value = epoch }, new() { Value = state.AsOfSequence },
                    new() { Value = (object?)folded ?? DBNull.Value, NpgsqlDbType = NpgsqlDbType.Text }, new() { Value = signature },
                },
            });
        }
        await batch.ExecuteNonQueryAsync(cancellationToken);
        return (int)replace.RecordsAffected;
    }

    /// <summary>The state that the deleted events have left, and up to which number events are to be deleted now; null: none are.</summary>
    private static async Task<(Guid Epoch, StateFold State, long UpTo)?> ReadStateAsync(
        NpgsqlConnection connection, StateShape? shape, Guid runId, int keep, int slack, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(State, connection)
        {
            Parameters =
            {
                new() { Value = runId }, new() { Value = keep }, new() { Value = slack }, new() { Value = IRunStore.TrimmedAtOnce },
            },
        };
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        if (!await reader.ReadAsync(cancellationToken)) return null;
        var upTo = reader.GetInt64(3);
        if (upTo <= reader.GetInt64(1)) return null;
        return (reader.GetGuid(0), StateFold.Parse(Encoding.UTF8.GetBytes(reader.GetString(2)), shape), upTo);
    }

    /// <summary>Folds in the events of a run after those that are in a state already.</summary>
    public static async Task FoldAsync(
        NpgsqlConnection connection, Guid runId, StateFold state, long upTo, ChainCheck? check, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(PostgresRunStore.EventsBetween, connection)
        {
            Parameters = { new() { Value = runId }, new() { Value = state.AsOfSequence }, new() { Value = upTo } },
        };
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        using var data = new TextColumn(reader, 6);
        while (await reader.ReadAsync(cancellationToken))
        {
            var row = PostgresVerify.RowOf(reader, data.Read());
            check?.Next(row);
            state.Apply(
                runId, row.Sequence, row.MessageId, row.UserId, row.UserName, row.EventType, row.Timestamp, row.Data.Span, row.Signature);
        }
    }
}
