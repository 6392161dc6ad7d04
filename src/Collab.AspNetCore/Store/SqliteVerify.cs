using System.Text;
using Collab.AspNetCore.Events;
using Collab.Protocol;
using Microsoft.Data.Sqlite;

namespace Collab.AspNetCore.Store;

/// <summary>Reads a run's rows one by one, and checks what signs them.</summary>
internal static class SqliteVerify
{
    public static VerifyResult Run(SqliteRunStore store, EventSigning signing, Guid runId, CancellationToken cancellationToken)
    {
        using var connection = store.Open();
        using var moment = connection.BeginTransaction(deferred: true);
        var check = new ChainCheck(signing, Read(moment, runId) ?? new(runId, store.EpochOf(runId, moment), 0, 0, []));
        check.Begin();
        foreach (var row in Rows(moment, runId, after: long.MinValue, upTo: long.MaxValue))
        {
            cancellationToken.ThrowIfCancellationRequested();
            check.Next(row);
            if (check.Wrong is not null) break;
        }
        check.End();
        return check.ToResult();
    }

    /// <summary>What a run's row says; null: there is none.</summary>
    public static RunSeal? Read(SqliteTransaction transaction, Guid runId)
    {
        using var command = SqliteRunStore.Command(
            transaction,
            $"SELECT epoch, last_sequence, folded_sequence, folded_state, {RunSeal.Columns} FROM collaboration_runs WHERE id = $run",
            ("$run", runId));
        using var row = command.ExecuteReader();
        return row.Read()
            ? RunSeal.Of(
                new(runId, row.GetGuid(0), row.GetInt64(1), row.GetInt64(2), Encoding.UTF8.GetBytes(row.GetString(3))), row, first: 4)
            : null;
    }

    /// <summary>A run's events between two positions.</summary>
    public static IEnumerable<ChainRow> Rows(SqliteTransaction transaction, Guid runId, long after, long upTo)
    {
        using var command = SqliteRunStore.Command(
            transaction, SqliteRunStore.EventsBetween, ("$run", runId), ("$after", after), ("$upTo", upTo));
        using var row = command.ExecuteReader();
        while (row.Read()) yield return RowOf(row);
    }

    /// <summary>A row of <see cref="SqliteRunStore.EventsBetween"/>.</summary>
    public static ChainRow RowOf(SqliteDataReader row) => new(
        row.GetInt64(0), row.GetGuid(1), row.GetString(2), row.IsDBNull(3) ? null : row.GetString(3), row.GetString(4),
        UnixTime.ToMilliseconds(row.GetDateTime(5)), Encoding.UTF8.GetBytes(row.GetString(6)), SqliteRunStore.SignatureOf(row));
}
