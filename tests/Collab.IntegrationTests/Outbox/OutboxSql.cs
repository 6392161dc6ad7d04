using System.Data.Common;

namespace Collab.IntegrationTests.Outbox;

/// <summary>What an application in any language does: plain statements in a transaction of its own.</summary>
internal static class OutboxSql
{
    public const string Graft = """{"after":"PM","agentName":"a"}""";

    /// <summary>Inserts an event with defaults for all that it can have defaults for.</summary>
    public static Task InsertAsync(this DbConnection connection, Guid run, string data = Graft, string type = "GRAFT", DbTransaction? transaction = null) =>
        connection.ExecuteAsync(
            $"INSERT INTO collaboration_outbox (run_id, event_type, data) VALUES (@p0, @p1, {Json(connection, "@p2")})", transaction, run, type, data);

    /// <summary>Inserts an event with an id of the application's own.</summary>
    public static Task InsertAsync(this DbConnection connection, Guid run, Guid messageId, DbTransaction? transaction = null) => connection.ExecuteAsync(
        $"INSERT INTO collaboration_outbox (run_id, message_id, event_type, user_id, user_name, data) VALUES (@p0, @p1, 'GRAFT', 'app', 'The app', {Json(connection, "@p2")})",
        transaction, run, messageId, Graft);

    /// <summary>The same as a statement for PostgreSQL that stands for itself.</summary>
    public static string Insert(Guid run, Guid messageId) =>
        $"INSERT INTO collaboration_outbox (run_id, message_id, event_type, user_id, user_name, data) VALUES ('{run}', '{messageId}', 'GRAFT', 'app', 'The app', '{Graft}');";

    /// <summary>Runs a statement, with parameters <c>@p0</c>, <c>@p1</c>, …</summary>
    public static async Task<object?> ExecuteAsync(this DbConnection connection, string sql, DbTransaction? transaction = null, params object[] values)
    {
        await using var command = connection.CreateCommand();
        (command.CommandText, command.Transaction) = (sql, transaction);
        foreach (var value in values)
        {
            var parameter = command.CreateParameter();
            (parameter.ParameterName, parameter.Value) = (string.Create(null, $"@p{command.Parameters.Count}"), value);
            command.Parameters.Add(parameter);
        }
        return await command.ExecuteScalarAsync();
    }

    private static string Json(DbConnection connection, string value) => connection is Npgsql.NpgsqlConnection ? $"{value}::jsonb" : value;
}
