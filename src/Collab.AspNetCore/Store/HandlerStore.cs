using System.Data.Common;

namespace Collab.AspNetCore.Store;

/// <summary>The tables of the handlers, in either store.</summary>
/// <param name="sql">The store's statements.</param>
/// <param name="open">Opens a connection.</param>
/// <param name="guard">Turns the driver's exceptions into ours.</param>
internal sealed class HandlerStore(
    HandlerSql sql, Func<CancellationToken, ValueTask<DbConnection>> open, Func<Func<Task<object?>>, ValueTask<object?>> guard)
    : IHandlerStore
{
    public ValueTask RegisterAsync(string handler, bool onlyNew, CancellationToken cancellationToken) => RunAsync(async connection =>
    {
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        await using var register = Command(connection, sql.Register, transaction, ("handler", handler));
        await using var skip = Command(connection, HandlerSql.SkipAll, transaction, ("handler", handler));
        await using var see = Command(connection, sql.See, transaction, ("handler", handler));
        var isFirst = await register.ExecuteScalarAsync(cancellationToken) is not null;
        if (isFirst && onlyNew) await skip.ExecuteNonQueryAsync(cancellationToken);
        await see.ExecuteNonQueryAsync(cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        return true;
    }, cancellationToken).AsVoid();

    public ValueTask<bool> RenewAsync(Guid owner, CancellationToken cancellationToken) => RunAsync(async connection =>
    {
        await ExecuteAsync(connection, sql.Renew, [("owner", owner), ("seconds", IHandlerStore.Lease.TotalSeconds)], cancellationToken);
        return await ExecuteAsync(connection, sql.ForgetDead, [("owner", owner)], cancellationToken) > 0;
    }, cancellationToken);

    public ValueTask LeaveAsync(Guid owner, CancellationToken cancellationToken) => RunAsync(
        connection => ExecuteAsync(connection, HandlerSql.Leave, [("owner", owner)], cancellationToken), cancellationToken).AsVoid();

    public ValueTask<HandlerClaim> ClaimAsync(
        string handler, Guid run, Guid owner, CancellationToken cancellationToken) => RunAsync(async connection =>
    {
        await using (var command = Command(connection, sql.Claim, null, ("handler", handler), ("run", run), ("owner", owner)))
        await using (var row = await command.ExecuteReaderAsync(cancellationToken))
        {
            if (await row.ReadAsync(cancellationToken))
            {
                var retryIn = row.IsDBNull(3) ? TimeSpan.Zero : TimeSpan.FromSeconds(Math.Max(0, row.GetDouble(3)));
                return new(ClaimResult.Claimed, row.GetGuid(0), row.GetInt64(1), row.GetInt32(2), retryIn);
            }
        }
        await using var why = Command(connection, HandlerSql.WhyNot, null, ("handler", handler), ("run", run));
        await using var found = await why.ExecuteReaderAsync(cancellationToken);
        if (!await found.ReadAsync(cancellationToken)) return new HandlerClaim(ClaimResult.Missing);
        return new(found.GetBoolean(0) ? ClaimResult.Parked : ClaimResult.Busy);
    }, cancellationToken);

    public ValueTask<bool> MoveAsync(HandlerPlace place, Guid owner, bool release, CancellationToken cancellationToken) => RunAsync(
        async connection =>
            await ExecuteAsync(connection, HandlerSql.Move, [.. Of(place, owner), ("release", release)], cancellationToken) > 0,
        cancellationToken);

    public ValueTask<bool> FailAsync(
        HandlerPlace place, Guid owner, int attempts, string error, TimeSpan? delay,
        CancellationToken cancellationToken) => RunAsync(async connection =>
    {
        var parameters = Of(place, owner).Append(("attempts", attempts)).Append(("error", error));
        return delay is { } pause
            ? await ExecuteAsync(connection, sql.Retry, [.. parameters, ("seconds", pause.TotalSeconds)], cancellationToken) > 0
            : await ExecuteAsync(connection, sql.Park, [.. parameters], cancellationToken) > 0;
    }, cancellationToken);

    public ValueTask<IReadOnlyList<Guid>> FindWorkAsync(string handler, int limit, CancellationToken cancellationToken) => RunAsync(
        connection => ListAsync(connection, sql.FindWork, row => row.GetGuid(0), cancellationToken, ("handler", handler), ("limit", limit)),
        cancellationToken);

    public ValueTask<IReadOnlyList<HandlerStanding>> GetStandingsAsync(CancellationToken cancellationToken) => RunAsync(
        connection => ListAsync(
            connection, sql.Standings,
            row => new HandlerStanding(
                row.GetString(0), Convert.ToInt64(row.GetValue(1), null), (int)row.GetInt64(2),
                TimeSpan.FromSeconds(Math.Max(0, -row.GetDouble(3)))),
            cancellationToken),
        cancellationToken);

    public ValueTask<IReadOnlyList<ParkedRunRow>> ListParkedAsync(
        string handler, int limit, CancellationToken cancellationToken) => RunAsync(
        connection => ListAsync(
            connection, HandlerSql.Parked,
            row => new ParkedRunRow(
                row.GetGuid(0), row.GetInt64(1), row.GetInt32(2), row.GetDateTime(3), row.IsDBNull(4) ? "" : row.GetString(4)),
            cancellationToken, ("handler", handler), ("limit", limit)),
        cancellationToken);

    public ValueTask<bool> UnparkAsync(string handler, Guid run, bool skip, CancellationToken cancellationToken) => RunAsync(
        async connection =>
            await ExecuteAsync(
                connection, HandlerSql.Unpark, [("handler", handler), ("run", run), ("skip", skip ? 1L : 0L)], cancellationToken) > 0,
        cancellationToken);

    private async ValueTask<T> RunAsync<T>(Func<DbConnection, Task<T>> work, CancellationToken cancellationToken)
    {
        var found = await guard(async () =>
        {
            await using var connection = await open(cancellationToken);
            return await work(connection);
        });
        return (T)found!;
    }

    private static (string, object)[] Of(HandlerPlace place, Guid owner) =>
        [("handler", place.Handler), ("run", place.RunId), ("epoch", place.Epoch), ("position", place.Position), ("owner", owner)];

    private static async Task<IReadOnlyList<T>> ListAsync<T>(
        DbConnection connection, string text, Func<DbDataReader, T> read, CancellationToken cancellationToken,
        params (string, object)[] parameters)
    {
        await using var command = Command(connection, text, null, parameters);
        await using var row = await command.ExecuteReaderAsync(cancellationToken);
        var found = new List<T>();
        while (await row.ReadAsync(cancellationToken)) found.Add(read(row));
        return found;
    }

    private static async Task<int> ExecuteAsync(
        DbConnection connection, string text, (string, object)[] parameters, CancellationToken cancellationToken)
    {
        await using var command = Command(connection, text, null, parameters);
        return await command.ExecuteNonQueryAsync(cancellationToken);
    }

    private static DbCommand Command(
        DbConnection connection, string text, DbTransaction? transaction, params (string Name, object Value)[] parameters)
    {
        var command = connection.CreateCommand();
        (command.CommandText, command.Transaction) = (text, transaction);
        foreach (var (name, value) in parameters)
        {
            var parameter = command.CreateParameter();
            (parameter.ParameterName, parameter.Value) = (name, value);
            command.Parameters.Add(parameter);
        }
        return command;
    }
}
