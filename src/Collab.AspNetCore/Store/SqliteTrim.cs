using System.Text;
using Collab.Protocol;
using Microsoft.Data.Sqlite;

namespace Collab.AspNetCore.Store;

/// <summary>Folds the events of a run that are too old into its state, and deletes them; inside the caller's transaction.</summary>
internal static class SqliteTrim
{
    /// <summary>Up to where all handlers have come that a server has had in the last week.</summary>
    private const string Handled =
        """
        SELECT coalesce(min(CASE WHEN h.epoch = r.epoch THEN h.position ELSE 0 END), 9223372036854775807) FROM collaboration_handlers n
        LEFT JOIN collaboration_handler_runs h ON h.handler = n.name AND h.run_id = $run
        LEFT JOIN collaboration_runs r ON r.id = $run
        WHERE n.seen_at > strftime('%Y-%m-%d %H:%M:%f', 'now', '-7 days')
        """;

    public static int Run(SqliteTransaction transaction, Guid runId, int keep, int slack, StateShape? shape, EventSigning? signing)
    {
        StateFold state;
        long upTo;
        using (var handled = SqliteRunStore.Command(transaction, Handled, ("$run", runId))) upTo = (long)handled.ExecuteScalar()!;
        using (var run = SqliteRunStore.Command(
            transaction, "SELECT last_sequence, folded_state FROM collaboration_runs WHERE id = $run", ("$run", runId)))
        using (var row = run.ExecuteReader())
        {
            if (!row.Read()) return 0;
            upTo = Math.Min(row.GetInt64(0) - keep, Math.Max(row.GetInt64(0) - keep - slack, upTo));
            state = StateFold.Parse(Encoding.UTF8.GetBytes(row.GetString(1)), shape);
        }
        upTo = Math.Min(upTo, state.AsOfSequence + IRunStore.TrimmedAtOnce);
        if (upTo <= state.AsOfSequence) return 0;
        var count = 0;
        var seal = signing is null ? null : SqliteVerify.Read(transaction, runId);
        var check = seal is { IsSigned: true } ? new ChainCheck(signing!, seal) : null;
        check?.Begin();

        using (var old = SqliteRunStore.Command(transaction,
            """
            SELECT sequence_number, id, user_id, user_name, event_type, timestamp, message_data, signature
            FROM persisted_collaboration_messages WHERE run_id = $run AND sequence_number <= $upTo ORDER BY sequence_number
            """, ("$run", runId), ("$upTo", upTo)))
        using (var reader = old.ExecuteReader())
        {
            for (; reader.Read(); count++)
            {
                var row = SqliteVerify.RowOf(reader);
                check?.Next(row);
                state.Apply(
                    runId, row.Sequence, row.MessageId, row.UserId, row.UserName, row.EventType, row.Timestamp, row.Data.Span,
                    row.Signature);
            }
        }
        using var fold = SqliteRunStore.Command(transaction,
            """
            DELETE FROM persisted_collaboration_messages WHERE run_id = $run AND sequence_number <= $upTo;
            UPDATE collaboration_runs SET folded_state = $state, folded_sequence = $upTo WHERE id = $run;
            """, ("$run", runId), ("$upTo", upTo), ("$state", Encoding.UTF8.GetString(state.ToJson())));
        fold.ExecuteNonQuery();
        if (check is not null) Sign(transaction, runId, SignedState.Of(signing!, seal!, check, state));
        return count;
    }

    private static void Sign(SqliteTransaction transaction, Guid runId, SignedState signed)
    {
        using var sign = SqliteRunStore.Command(
            transaction, "UPDATE collaboration_runs SET folded_signature = $folded, state_signature = $state WHERE id = $run",
            ("$run", runId), ("$folded", (object?)signed.FoldedSignature ?? DBNull.Value), ("$state", signed.StateSignature));
        sign.ExecuteNonQuery();
    }
}
