using System.Text;
using Collab.AspNetCore.Events;
using Collab.Protocol;
using Microsoft.Data.Sqlite;

namespace Collab.AspNetCore.Store;

/// <summary>
/// Copies a run inside the file. What the copy begins with is read first, while others write; the copy itself is one write transaction, and
/// is made if the original has not been trimmed or erased since.
/// </summary>
internal static class SqliteBranch
{
    private static readonly string Copy =
        $"""
        INSERT INTO collaboration_runs
            (id, epoch, last_sequence, folded_state, folded_sequence, created_at, updated_at, branched_from, branched_from_sequence,
            ended_sequence)
        SELECT $new, $made, $upTo, $state, $after, $now, $now, $run, $upTo, CASE WHEN o.ended_sequence = $upTo THEN $upTo END
        FROM collaboration_runs o WHERE o.id = $run
        ON CONFLICT (id) DO UPDATE SET epoch = excluded.epoch, last_sequence = excluded.last_sequence,
            folded_state = excluded.folded_state, folded_sequence = excluded.folded_sequence,
            created_at = excluded.created_at, updated_at = excluded.updated_at,
            branched_from = excluded.branched_from, branched_from_sequence = excluded.branched_from_sequence,
            ended_sequence = excluded.ended_sequence;
        INSERT INTO persisted_collaboration_messages
            (run_id, sequence_number, id, user_id, user_name, event_type, message_data, timestamp, is_critical)
        SELECT $new, sequence_number, id, user_id, user_name, event_type, message_data, timestamp, is_critical
        FROM persisted_collaboration_messages WHERE run_id = $run AND sequence_number > $after AND sequence_number <= $upTo;
        {HandlerSql.BeginAfter("$new", "$made", "$upTo")};
        """;

    private const string Seal =
        """
        UPDATE collaboration_runs SET signed_epoch = epoch, signed_from = $from, signed_sequence = $last, signature = $signature,
            folded_signature = NULL, state_signature = $state
        WHERE id = $run
        """;

    public static BranchOutcome Run(
        SqliteRunStore store, SqliteConnection connection, StateShape? shape, EventSigning? signing, Branch branch, int keep,
        CancellationToken cancellationToken)
    {
        for (var attempt = 0; attempt < Branch.Attempts; attempt++)
        {
            cancellationToken.ThrowIfCancellationRequested();
            Start start;
            using (var moment = connection.BeginTransaction(deferred: true))
            {
                if (Find(moment, branch) is { } there) return there;
                if (Read(moment, branch) is not { } original) return new(BranchKind.NotKept);
                if (BranchOutcome.Refusal(branch, original.Folded, original.Last, keep) is { } refusal) return refusal;
                start = original.At(Math.Max(original.Folded, branch.Sequence - keep), moment, branch, shape, cancellationToken);
            }
            BranchOutcome? outcome = null;
            store.Write(connection, transaction => outcome = Find(transaction, branch) ?? TryCopy(transaction, branch, start, signing));
            if (outcome is { } known) return known;
        }
        throw Branch.NeverStill();
    }

    private static BranchOutcome? Find(SqliteTransaction transaction, Branch branch)
    {
        using var command = SqliteRunStore.Command(transaction,
            "SELECT epoch, branched_from, branched_from_sequence FROM collaboration_runs WHERE id = $new AND last_sequence > 0",
            ("$new", branch.RunId));
        using var row = command.ExecuteReader();
        return row.Read()
            ? BranchOutcome.There(
                branch, row.GetGuid(0), row.IsDBNull(1) ? null : row.GetGuid(1), row.IsDBNull(2) ? null : row.GetInt64(2))
            : null;
    }

    private static Start? Read(SqliteTransaction transaction, Branch branch)
    {
        using var command = SqliteRunStore.Command(transaction,
            "SELECT epoch, last_sequence, folded_sequence, folded_state FROM collaboration_runs WHERE id = $run", ("$run", branch.From));
        using var row = command.ExecuteReader();
        return row.Read() ? new(row.GetGuid(0), row.GetInt64(1), row.GetInt64(2), row.GetInt64(2), row.GetString(3)) : null;
    }

    private static BranchOutcome? TryCopy(SqliteTransaction transaction, Branch branch, Start start, EventSigning? signing)
    {
        if (Read(transaction, branch) is not { } now || now.Epoch != start.Epoch || now.Folded != start.Folded) return null;
        var made = Guid.NewGuid();
        using var copy = SqliteRunStore.Command(transaction, Copy,
            ("$new", branch.RunId), ("$made", made), ("$run", branch.From), ("$after", start.After), ("$upTo", branch.Sequence),
            ("$state", start.State), ("$now", DateTime.UtcNow));
        copy.ExecuteNonQuery();
        if (signing is not null) Sign(transaction, branch, start, signing, made);
        return new(BranchKind.Made, made);
    }

    private static void Sign(SqliteTransaction transaction, Branch branch, Start start, EventSigning signing, Guid made)
    {
        if (SqliteVerify.Read(transaction, branch.From) is not { IsSigned: true } original) return;
        var copy = new ChainCopy(signing, original, branch.RunId, made, start.After);
        copy.Begin();
        foreach (var row in SqliteVerify.Rows(transaction, branch.From, original.FoldedSequence, branch.Sequence)) copy.Next(row);
        if (copy.End(start.State) is not { } state) return;
        for (var i = 0; i < copy.Sequences.Count; i++)
        {
            using var sign = SqliteRunStore.Command(
                transaction,
                "UPDATE persisted_collaboration_messages SET signature = $signature WHERE run_id = $run AND sequence_number = $n",
                ("$run", branch.RunId), ("$n", copy.Sequences[i]), ("$signature", copy.Signatures[i]));
            sign.ExecuteNonQuery();
        }
        using var seal = SqliteRunStore.Command(transaction, Seal,
            ("$run", branch.RunId), ("$from", copy.Sequences[0]), ("$last", copy.Sequences[^1]), ("$signature", copy.Signatures[^1]),
            ("$state", state));
        seal.ExecuteNonQuery();
    }

    /// <summary>The original as it was read, and what its copy begins with: the state after an event.</summary>
    private sealed record Start(Guid Epoch, long Last, long Folded, long After, string State)
    {
        /// <summary>
        /// The same with the state after a later event. Where an original has more events than a run keeps, for its handlers, its copy
        /// need not.
        /// </summary>
        public Start At(
            long after, SqliteTransaction transaction, Branch branch, StateShape? shape, CancellationToken cancellationToken)
        {
            if (after == Folded) return this;
            var fold = StateFold.Parse(Encoding.UTF8.GetBytes(State), shape);
            using var command = SqliteRunStore.Command(
                transaction, SqliteRunStore.EventsBetween, ("$run", branch.From), ("$after", Folded), ("$upTo", after));
            using var row = command.ExecuteReader();
            while (row.Read())
            {
                cancellationToken.ThrowIfCancellationRequested();
                fold.Apply(
                    branch.From, row.GetInt64(0), row.GetGuid(1), row.GetString(2), row.IsDBNull(3) ? null : row.GetString(3),
                    row.GetString(4), UnixTime.ToMilliseconds(row.GetDateTime(5)), Encoding.UTF8.GetBytes(row.GetString(6)),
                    SqliteRunStore.SignatureOf(row));
            }
            return this with { After = after, State = Encoding.UTF8.GetString(fold.ToJson()) };
        }
    }
}
