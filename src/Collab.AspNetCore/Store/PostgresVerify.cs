using System.Data;
using System.Text;
using Collab.AspNetCore.Events;
using Collab.Protocol;
using Npgsql;

namespace Collab.AspNetCore.Store;

/// <summary>Reads a run's rows one by one, and checks what signs them.</summary>
internal static class PostgresVerify
{
    private const string Row =
        $"SELECT epoch, last_sequence, folded_sequence, folded_state::text, {RunSeal.Columns} FROM collaboration_runs WHERE id = $1";

    public static async Task<VerifyResult> RunAsync(
        NpgsqlDataSource source, EpochSalt salt, EventSigning signing, Guid runId, CancellationToken cancellationToken)
    {
        await using var connection = await source.OpenConnectionAsync(cancellationToken);
        await PostgresRunStore.LearnSaltAsync(connection, salt, cancellationToken);
        // Both reads see one snapshot: what is stored or trimmed between them would be wrong.
        await using var transaction = await connection.BeginTransactionAsync(IsolationLevel.RepeatableRead, cancellationToken);
        var seal = await ReadAsync(connection, runId, cancellationToken);
        var check = new ChainCheck(signing, seal ?? new(runId, salt.EpochOf(runId), 0, 0, []));
        check.Begin();
        var pace = new Pace();
        // From the first of all: there must be none that was trimmed.
        await foreach (var row in RowsAsync(connection, runId, after: long.MinValue, upTo: long.MaxValue, cancellationToken))
        {
            check.Next(row);
            if (check.Wrong is not null) break;
            await pace.KeepAsync(cancellationToken);
        }
        check.End();
        return check.ToResult();
    }

    /// <summary>What a run's row says; null: there is none.</summary>
    public static async ValueTask<RunSeal?> ReadAsync(NpgsqlConnection connection, Guid runId, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(Row, connection) { Parameters = { new() { Value = runId } } };
        await using var row = await command.ExecuteReaderAsync(cancellationToken);
        return await row.ReadAsync(cancellationToken)
            ? RunSeal.Of(
                new(runId, row.GetGuid(0), row.GetInt64(1), row.GetInt64(2), Encoding.UTF8.GetBytes(row.GetString(3))), row, first: 4)
            : null;
    }

    /// <summary>A run's events between two positions, each good until the next.</summary>
    public static async IAsyncEnumerable<ChainRow> RowsAsync(
        NpgsqlConnection connection, Guid runId, long after, long upTo,
        [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(PostgresRunStore.EventsBetween, connection)
        { Parameters = { new() { Value = runId }, new() { Value = after }, new() { Value = upTo } } };
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        using var data = new TextColumn(reader, 6);
        while (await reader.ReadAsync(cancellationToken)) yield return RowOf(reader, data.Read());
    }

    /// <summary>A row of <see cref="PostgresRunStore.EventsBetween"/>.</summary>
    public static ChainRow RowOf(NpgsqlDataReader reader, ReadOnlyMemory<byte> data) => new(
        reader.GetInt64(0), reader.GetGuid(1), reader.GetString(2), reader.IsDBNull(3) ? null : reader.GetString(3), reader.GetString(4),
        UnixTime.ToMilliseconds(reader.GetDateTime(5)), data, PostgresRunStore.SignatureOf(reader));
}
