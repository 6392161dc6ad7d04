using System.Data;
using System.Text;
using Collab.AspNetCore.Events;
using Collab.Protocol;
using Npgsql;

namespace Collab.AspNetCore.Store;

/// <summary>Folds a run's kept events one by one, for its states as they were.</summary>
internal static class PostgresPast
{
    private const string Position = "SELECT epoch, last_sequence, folded_sequence FROM collaboration_runs WHERE id = $1";

    private const string Folded = "SELECT folded_state::text FROM collaboration_runs WHERE id = $1";

    public static async Task FoldAsync(
        NpgsqlDataSource source, EpochSalt salt, StateShape? shape, Guid runId, Moments moments, CancellationToken cancellationToken)
    {
        await using var connection = await source.OpenConnectionAsync(cancellationToken);
        await PostgresRunStore.LearnSaltAsync(connection, salt, cancellationToken);
        // All reads see one snapshot: a trim between them would leave a hole.
        await using var transaction = await connection.BeginTransactionAsync(IsolationLevel.RepeatableRead, cancellationToken);
        if (!await FindAsync(connection, runId, moments, cancellationToken)) moments.Found(salt.EpochOf(runId), 0, 0);
        var pace = new Pace();
        foreach (var (start, after, upTo) in moments.Stretches)
        {
            var state = StateFold.Parse(start ?? await FoldedAsync(connection, runId, cancellationToken), shape);
            await using var command = new NpgsqlCommand(PostgresRunStore.EventsBetween, connection)
            { Parameters = { new() { Value = runId }, new() { Value = after }, new() { Value = upTo } } };
            await using var reader = await command.ExecuteReaderAsync(cancellationToken);
            using var data = new TextColumn(reader, 6);
            while (await reader.ReadAsync(cancellationToken))
            {
                var sequence = reader.GetInt64(0);
                moments.Before(sequence, state);
                state.Apply(runId, sequence, reader.GetGuid(1), reader.GetString(2),
                    reader.IsDBNull(3) ? null : reader.GetString(3), reader.GetString(4),
                    UnixTime.ToMilliseconds(reader.GetDateTime(5)), data.Read().Span,
                    PostgresRunStore.SignatureOf(reader));
                await pace.KeepAsync(cancellationToken);
            }
            moments.Before(upTo + 1, state);
        }
    }

    private static async Task<bool> FindAsync(
        NpgsqlConnection connection, Guid runId, Moments moments, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(Position, connection) { Parameters = { new() { Value = runId } } };
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        if (!await reader.ReadAsync(cancellationToken)) return false;
        moments.Found(reader.GetGuid(0), reader.GetInt64(2), reader.GetInt64(1));
        return true;
    }

    private static async Task<byte[]> FoldedAsync(NpgsqlConnection connection, Guid runId, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(Folded, connection) { Parameters = { new() { Value = runId } } };
        return await command.ExecuteScalarAsync(cancellationToken) is string json ? Encoding.UTF8.GetBytes(json) : "{}"u8.ToArray();
    }
}
