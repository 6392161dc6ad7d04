using System.Text;
using Collab.AspNetCore.Events;
using Collab.Protocol;

namespace Collab.AspNetCore.Store;

/// <summary>As <see cref="PostgresPast"/>, in SQLite.</summary>
internal static class SqlitePast
{
    private const string Position = "SELECT epoch, last_sequence, folded_sequence, folded_state FROM collaboration_runs WHERE id = $run";

    public static void Fold(SqliteRunStore store, StateShape? shape, Guid runId, Moments moments, CancellationToken cancellationToken)
    {
        using var connection = store.Open();
        using var transaction = connection.BeginTransaction(deferred: true);
        byte[] folded = [.. "{}"u8];
        using (var run = SqliteRunStore.Command(transaction, Position, ("$run", runId)))
        using (var row = run.ExecuteReader())
        {
            if (row.Read())
            {
                moments.Found(row.GetGuid(0), row.GetInt64(2), row.GetInt64(1));
                if (moments.Stretches is [{ Start: null }, ..]) folded = Encoding.UTF8.GetBytes(row.GetString(3));
            }
            else
            {
                moments.Found(store.EpochOf(runId, transaction), 0, 0);
            }
        }
        foreach (var (start, after, upTo) in moments.Stretches)
        {
            var state = StateFold.Parse(start ?? folded, shape);
            using var events = SqliteRunStore.Command(
                transaction, SqliteRunStore.EventsBetween, ("$run", runId), ("$after", after), ("$upTo", upTo));
            using var reader = events.ExecuteReader();
            while (reader.Read())
            {
                cancellationToken.ThrowIfCancellationRequested();
                var sequence = reader.GetInt64(0);
                moments.Before(sequence, state);
                state.Apply(runId, sequence, reader.GetGuid(1), reader.GetString(2),
                    reader.IsDBNull(3) ? null : reader.GetString(3), reader.GetString(4),
                    UnixTime.ToMilliseconds(reader.GetDateTime(5)), Encoding.UTF8.GetBytes(reader.GetString(6)),
                    SqliteRunStore.SignatureOf(reader));
            }
            moments.Before(upTo + 1, state);
        }
    }
}
