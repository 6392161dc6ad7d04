using Collab.Histories.Recording;
using Collab.TestKit;
using Npgsql;

namespace Collab.Histories.Running;

/// <summary>Lets faults strike an installation.</summary>
/// <param name="servers">The installation.</param>
/// <param name="stages">Its runs, of which some are erased.</param>
internal sealed class Strikes(Installation servers, IReadOnlyList<Stage> stages)
{
    /// <summary>Lets a fault strike.</summary>
    /// <returns>When the fault is over: what it hit, and a task that completes when what was started again is ready.</returns>
    public async Task<(int Struck, Task Ready)> StrikeAsync(FaultPlan fault)
    {
        var (server, network) = (servers.Servers[fault.Server], servers.Networks[fault.Server]);
        var cuts = network.Cuts;
        switch (fault.What)
        {
            case FaultKind.Kill:
                await server.KillAsync();
                await Task.Delay(fault.ForMs);
                return (1, StartAgainAsync(server));
            case FaultKind.Restart:
                await server.StopAsync();
                await Task.Delay(fault.ForMs);
                return (1, StartAgainAsync(server));
            case FaultKind.Drain:
                var ready = Task.CompletedTask;
                foreach (var (index, one) in servers.Servers.Index())
                {
                    await ready;
                    await DrainAsync(index);
                    await one.StopAsync();
                    ready = StartAgainAsync(one);
                }
                return (servers.Servers.Count, ready);
            case FaultKind.Freeze:
                return (await WhileAsync(fault, () => server.Send(Signal.Stop), () => server.Send(Signal.Continue)), Task.CompletedTask);
            case FaultKind.Clock:
                return (await SetClockAsync(fault), Task.CompletedTask);
            case FaultKind.Cut:
                network.Cut(index => fault.Choice % 2 == 0 || (fault.Choice + index) % 3 == 0);
                return (network.Cuts - cuts, Task.CompletedTask);
            case FaultKind.Unreachable:
                await WhileAsync(fault, () => network.RefuseAll(true), () => network.RefuseAll(false));
                return (network.Cuts - cuts, Task.CompletedTask);
            case FaultKind.NoWebSockets:
                await WhileAsync(fault, () => network.RefuseWebSockets(true), () => network.RefuseWebSockets(false));
                return (network.Cuts - cuts, Task.CompletedTask);
            case FaultKind.Slow:
                return (await SlowAsync(network, fault), Task.CompletedTask);
            case FaultKind.HalfOpen:
                var held = 0;
                await WhileAsync(fault, () => network.Hold(toClients: fault.Choice % 2 == 0), () =>
                {
                    held = network.Open;
                    network.Release();
                });
                return (held, Task.CompletedTask);
            case FaultKind.Erase:
                return (await EraseAsync(fault), Task.CompletedTask);
            case FaultKind.RedisKill or FaultKind.RedisFreeze or FaultKind.RedisCut or FaultKind.RedisSlow:
                return (await StrikeRedisAsync(fault), Task.CompletedTask);
            default: return await StrikeDatabaseAsync(fault);
        }
    }

    private async Task<(int Struck, Task Ready)> StrikeDatabaseAsync(FaultPlan fault)
    {
        var postgres = fault.What == FaultKind.DiskFull ? null : servers.Postgres;
        switch (fault.What)
        {
            case FaultKind.DatabaseConnections:
                return (await EndConnectionsAsync(), Task.CompletedTask);
            case FaultKind.DatabaseConnectionsTaken:
                return (await TakeConnectionsAsync(fault), Task.CompletedTask);
            case FaultKind.DatabaseKill:
                await postgres!.KillAsync();
                await Task.Delay(fault.ForMs);
                await postgres.StartAgainAsync();
                return (1, Task.CompletedTask);
            case FaultKind.DatabaseRestart:
                await postgres!.RestartAsync();
                return (1, Task.CompletedTask);
            case FaultKind.DatabaseFreeze:
                await postgres!.PauseAsync();
                await Task.Delay(fault.ForMs);
                await postgres.ResumeAsync();
                return (1, Task.CompletedTask);
            case FaultKind.DatabaseFailOver:
                var replicated = (ReplicatedPostgres)postgres!;
                await replicated.FailOverAsync();
                return (1, replicated.AddReplicaAsync());
            case FaultKind.DiskFull:
                return (await FillDiskAsync(fault), Task.CompletedTask);
            case FaultKind.TableLock or FaultKind.RowLock:
                return (await LockAsync(fault.What == FaultKind.RowLock, TimeSpan.FromMilliseconds(fault.ForMs)), Task.CompletedTask);
            default: throw new ArgumentOutOfRangeException(nameof(fault), fault.What, "Not a fault.");
        }
    }

    private async Task<int> StrikeRedisAsync(FaultPlan fault)
    {
        var (redis, network) = (servers.Redis, servers.RedisNetwork);
        switch (fault.What)
        {
            case FaultKind.RedisKill:
                await redis.KillAsync();
                await Task.Delay(fault.ForMs);
                await redis.StartAgainAsync();
                return 1;
            case FaultKind.RedisFreeze:
                return await WhileAsync(fault, () => redis.Send(Signal.Stop), () => redis.Send(Signal.Continue));
            case FaultKind.RedisCut:
                var cuts = network.Cuts;
                await WhileAsync(fault, () => network.RefuseAll(true), () => network.RefuseAll(false));
                return network.Cuts - cuts;
            default: return await SlowAsync(network, fault);
        }
    }

    private static async Task<int> WhileAsync(FaultPlan fault, Action begin, Action end)
    {
        begin();
        await Task.Delay(fault.ForMs);
        end();
        return 1;
    }

    private static async Task<int> SlowAsync(TcpProxy network, FaultPlan fault)
    {
        network.Lag = TimeSpan.FromMilliseconds(50 + fault.Choice % 350);
        await Task.Delay(fault.ForMs);
        network.Lag = TimeSpan.Zero;
        return network.Open;
    }

    /// <summary>Sets a server's clock, and after a while sets it right.</summary>
    /// <returns>By how many seconds what the server says of the time was wrong.</returns>
    private async Task<int> SetClockAsync(FaultPlan fault)
    {
        var clock = servers.Clocks[fault.Server];
        clock.Set(WrongBy(fault));
        // The process looks at it once a second, and the web server at the process's clock.
        await Task.Delay(2500 + fault.ForMs);
        using var api = new ApiClient(servers.Servers[fault.Server].BaseAddress, TestTokens.Create("operator"));
        var wrongBy = 0.0;
        try
        {
            var answer = await api.GetAsync("health/live").WaitAsync(TimeSpan.FromSeconds(5));
            wrongBy = (answer.Headers.Date - TimeProvider.System.GetUtcNow())?.TotalSeconds ?? 0;
        }
        catch (Exception e) when (e is HttpRequestException or TimeoutException or TaskCanceledException)
        {
            // It could not say so while another fault struck.
        }
        clock.Set(TimeSpan.Zero);
        return (int)Math.Abs(Math.Round(wrongBy));
    }

    /// <summary>From seconds to 40 minutes, ahead or behind: tokens last an hour.</summary>
    private static TimeSpan WrongBy(FaultPlan fault)
    {
        var by = TimeSpan.FromSeconds((fault.Choice / 2 % 3) switch { 0 => 2 + fault.Choice % 8, 1 => 30 + fault.Choice % 90, _ => 600 + fault.Choice % 1800 });
        return fault.Choice % 2 == 0 ? by : -by;
    }

    /// <summary>As what looks after servers does: one that finds no store to start with, and ends, is started again.</summary>
    private static async Task StartAgainAsync(ServerProcess server)
    {
        for (var began = TimeProvider.System.GetTimestamp(); ;)
        {
            try
            {
                await server.StartAgainAsync();
                return;
            }
            catch (InvalidOperationException) when (TimeProvider.System.GetElapsedTime(began) < Patience.Process)
            {
                await Task.Delay(200);
            }
        }
    }

    /// <summary>Asks a server to drain, and waits until it has.</summary>
    private async Task DrainAsync(int server)
    {
        const string Path = "api/admin/drain";
        using var api = new ApiClient(servers.Servers[server].BaseAddress, TestTokens.Create("operator", admin: true));
        await api.SendAsync(HttpMethod.Post, Path);
        await Eventually.TrueAsync(async () => (await api.GetAsync(Path)).Json.GetProperty("state").GetString() == "drained", Patience.Process);
    }

    /// <summary>Has a run erased, and asks again until a server says that it is.</summary>
    /// <returns>How many times it was asked.</returns>
    private async Task<int> EraseAsync(FaultPlan fault)
    {
        var stage = stages[fault.Choice % stages.Count];
        using var api = new ApiClient(servers.Servers[fault.Server].BaseAddress, TestTokens.Create("operator", admin: true));
        for (var (asked, began) = (1, TimeProvider.System.GetTimestamp()); ; asked++)
        {
            var (start, isConfirmed) = (stage.Recorder.Now, false);
            try
            {
                isConfirmed = (int)(await api.EraseAsync(stage.RunId)).Status == 204;
            }
            catch (Exception e) when (e is HttpRequestException or TaskCanceledException or IOException)
            {
                // Erased or not.
            }
            stage.Recorder.Add(new Erase(stage.RunId, fault.Server, start, stage.Recorder.Now, isConfirmed));
            if (isConfirmed || TimeProvider.System.GetElapsedTime(began) > Patience.Process) return asked;
            await Task.Delay(200);
        }
    }

    /// <summary>Ends the servers' connections to their database.</summary>
    /// <returns>How many.</returns>
    private async Task<int> EndConnectionsAsync()
    {
        await using var connection = servers.Connect();
        await connection.OpenAsync();
        return await EndConnectionsAsync(connection, []);
    }

    private static async Task<int> EndConnectionsAsync(NpgsqlConnection connection, int[] others)
    {
        await using var command = new NpgsqlCommand(
            """
            SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity
            WHERE datname = current_database() AND pid <> pg_backend_pid() AND pid <> ALL($1)
            """,
            connection)
        { Parameters = { new() { Value = others } } };
        return (int)(long)(await command.ExecuteScalarAsync())!;
    }

    /// <summary>Takes connections until there are none, ends those of the servers, and takes these too.</summary>
    /// <returns>How many of the servers' were ended while there were no others for them.</returns>
    private async Task<int> TakeConnectionsAsync(FaultPlan fault)
    {
        var taken = new List<NpgsqlConnection>();
        try
        {
            await TakeAllAsync();
            var ended = await EndConnectionsAsync(taken[0], [.. taken.Select(t => t.ProcessID)]);
            for (var began = TimeProvider.System.GetTimestamp(); TimeProvider.System.GetElapsedTime(began).TotalMilliseconds < fault.ForMs; await Task.Delay(20))
                await TakeAllAsync();
            return ended;
        }
        finally
        {
            foreach (var connection in taken) await connection.DisposeAsync();
        }

        async Task TakeAllAsync()
        {
            while (true)
            {
                var connection = servers.Connect();
                try
                {
                    await connection.OpenAsync();
                    taken.Add(connection);
                }
                catch (NpgsqlException)
                {
                    // There are no more.
                    await connection.DisposeAsync();
                    if (taken.Count > 0) return;
                }
            }
        }
    }

    /// <summary>Holds a lock as a program of another sort would: over the events' table, or the rows of the runs.</summary>
    /// <returns>How many sessions waited for it at once, at most.</returns>
    private async Task<int> LockAsync(bool rows, TimeSpan length)
    {
        await using var connection = servers.Connect();
        await connection.OpenAsync();
        await using var transaction = await connection.BeginTransactionAsync();
        await ExecuteAsync(rows ? "SELECT id FROM collaboration_runs FOR UPDATE" : "LOCK TABLE persisted_collaboration_messages IN ACCESS EXCLUSIVE MODE");
        var (began, most) = (TimeProvider.System.GetTimestamp(), 0L);
        while (TimeProvider.System.GetElapsedTime(began) < length)
        {
            await Task.Delay(50);
            const string Waiting = "SELECT count(*) FROM pg_locks WHERE NOT granted AND pg_backend_pid() = ANY(pg_blocking_pids(pid))";
            most = Math.Max(most, (long)(await ExecuteAsync(Waiting))!);
        }
        await transaction.RollbackAsync();
        return (int)most;

        async Task<object?> ExecuteAsync(string sql)
        {
            await using var command = new NpgsqlCommand(sql, connection, transaction);
            return await command.ExecuteScalarAsync();
        }
    }

    /// <summary>Leaves no room, and takes what becomes free meanwhile.</summary>
    /// <returns>How often something that had to be written could not be.</returns>
    private async Task<int> FillDiskAsync(FaultPlan fault)
    {
        var (began, failed) = (TimeProvider.System.GetTimestamp(), 0);
        try
        {
            while (TimeProvider.System.GetElapsedTime(began).TotalMilliseconds < fault.ForMs)
            {
                servers.Disk.Fill();
                failed += await TryToStoreAsync() ? 0 : 1;
                await Task.Delay(50);
            }
        }
        finally
        {
            servers.Disk.Free();
        }
        // PostgreSQL may have ended itself, if it could not write what it must: it is started again, as by what looks after it.
        if (servers.Layout.Store == "postgres") await servers.Postgres.ReviveAsync();
        return failed;
    }

    /// <summary>A publish of the fault's own, to a run that is no history's: it shows that the disk is full.</summary>
    private async Task<bool> TryToStoreAsync()
    {
        using var api = new ApiClient(servers.Servers[0].BaseAddress, TestTokens.Create("filler"));
        try
        {
            var answer = await api.PublishAsync(Guid.NewGuid(), "FLAG", new { stepId = "PM", note = new string('x', 4000) }).WaitAsync(TimeSpan.FromSeconds(5));
            return (int)answer.Status is 200 or 201;
        }
        catch (Exception e) when (e is HttpRequestException or TaskCanceledException or IOException or TimeoutException)
        {
            return false;
        }
    }
}
