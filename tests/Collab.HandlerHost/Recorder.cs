using Collab.AspNetCore;
using Collab.Protocol;
using Npgsql;

namespace Collab.HandlerHost;

/// <summary>
/// Writes down what it handles. While it does, it holds a lock of the run in the database, which ends with its process: whoever finds it held
/// writes that down too.
/// </summary>
internal sealed class Recorder(IConfiguration configuration) : IEventHandler<Graft>
{
    public async Task HandleAsync(Graft data, CollaborationEvent e, CancellationToken cancellationToken)
    {
        await using var connection = new NpgsqlConnection($"{configuration.GetConnectionString("Collab")};Pooling=False");
        await connection.OpenAsync(cancellationToken);
        var isAlone = await ExecuteAsync("SELECT pg_try_advisory_lock(hashtextextended($1::text, 0))", e.RunId);
        await ExecuteAsync(
            "INSERT INTO handled (run_id, sequence, server, alone) VALUES ($1, $2, $3, $4)", e.RunId, e.SequenceNumber!.Value, Environment.ProcessId, isAlone!);
        // The session's end would let go of it too, a moment after the next event may have begun.
        await ExecuteAsync("SELECT pg_advisory_unlock_all()");

        async Task<object?> ExecuteAsync(string sql, params object[] values)
        {
            await using var command = new NpgsqlCommand(sql, connection);
            foreach (var value in values) command.Parameters.Add(new() { Value = value });
            return await command.ExecuteScalarAsync(cancellationToken);
        }
    }
}
