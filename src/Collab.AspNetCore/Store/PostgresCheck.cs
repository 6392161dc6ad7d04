using Npgsql;

namespace Collab.AspNetCore.Store;

/// <summary>
/// Whether a database can be read and written as a server does: each statement is planned and not run, which fails where a table, a column
/// or a right to it is missing.
/// </summary>
internal static class PostgresCheck
{
    private const string IsWhole =
        """
        SELECT NOT current_setting('transaction_read_only')::boolean
            AND EXISTS (SELECT FROM collaboration_store WHERE epoch_salt IS NOT NULL)
        """;

    private static readonly string[] Statements =
    [
        PostgresSingleStatement.Sample,
        "SELECT folded_state FROM collaboration_runs FOR UPDATE",
        "UPDATE collaboration_runs SET epoch = epoch, folded_state = '{}', folded_sequence = 0, signed_epoch = NULL WHERE id IS NULL",
        "DELETE FROM persisted_collaboration_messages WHERE run_id IS NULL",
        """
        SELECT sequence_number, id, user_id, user_name, event_type, timestamp, message_data, is_critical, signature
        FROM persisted_collaboration_messages
        """,
    ];

    /// <returns>
    /// Whether the database takes writes at all: a standby, or a primary that has become one, answers every read, and plans every write.
    /// </returns>
    /// <exception cref="PostgresException">Something is missing.</exception>
    public static async Task<bool> RunAsync(NpgsqlDataSource source, CancellationToken cancellationToken)
    {
        await using var connection = await source.OpenConnectionAsync(cancellationToken);
        await using var batch = new NpgsqlBatch(connection) { BatchCommands = { new(IsWhole) } };
        foreach (var statement in Statements) batch.BatchCommands.Add(new($"EXPLAIN {statement}"));
        await using var reader = await batch.ExecuteReaderAsync(cancellationToken);
        await reader.ReadAsync(cancellationToken);
        var isWhole = reader.GetBoolean(0);
        while (await reader.NextResultAsync(cancellationToken))
        {
            // One that cannot be planned ends this with an exception.
        }
        return isWhole;
    }
}
