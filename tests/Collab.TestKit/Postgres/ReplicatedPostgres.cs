namespace Collab.TestKit;

/// <summary>
/// A PostgreSQL with a replica that takes its place when it fails. A commit waits for both (<c>synchronous_standby_names</c>), and who
/// connects is brought to the one that is the primary.
/// </summary>
public sealed class ReplicatedPostgres : PrivatePostgres
{
    private readonly PostgresBinaries _binaries;
    private readonly Relay _relay;
    private LocalPostgres _primary;
    private LocalPostgres? _replica;

    private ReplicatedPostgres(PostgresBinaries binaries, LocalPostgres primary)
    {
        (_binaries, _primary) = (binaries, primary);
        _relay = new(() => _primary.Port);
    }

    /// <inheritdoc />
    protected override string ConnectionString => $"Host=127.0.0.1;Port={_relay.Port};Username=postgres;Database=postgres";

    internal static async Task<ReplicatedPostgres> StartAsync(PostgresBinaries binaries)
    {
        var both = new ReplicatedPostgres(binaries, await LocalPostgres.StartAsync(binaries));
        try
        {
            await both.AddReplicaAsync();
            return both;
        }
        catch
        {
            await both.DisposeAsync();
            throw;
        }
    }

    /// <summary>
    /// The primary is lost (SIGKILL of all its processes), and the replica becomes the primary. What was acknowledged is on it. Until
    /// <see cref="AddReplicaAsync"/> it is alone.
    /// </summary>
    /// <returns>Completes when the new primary takes writes.</returns>
    public async Task FailOverAsync()
    {
        var next = _replica ?? throw new InvalidOperationException("There is no replica.");
        await _primary.KillAsync();
        _relay.Cut();
        await next.ExecuteAsync("SELECT pg_promote(true, 60)");
        var lost = _primary;
        (_primary, _replica) = (next, null);
        _relay.Heal();
        await lost.DisposeAsync();
    }

    /// <summary>Gives the primary a replica, for which each commit waits from then on.</summary>
    public async Task AddReplicaAsync()
    {
        _replica = await LocalPostgres.FollowAsync(_binaries, _primary);
        // As the primary it would wait for one that is not there.
        await SetAsync(_replica, "''");
        await SetAsync(_primary, "'*'");

        static async Task SetAsync(LocalPostgres server, string names)
        {
            await server.ExecuteAsync($"ALTER SYSTEM SET synchronous_standby_names = {names}");
            await server.ExecuteAsync("SELECT pg_reload_conf()");
        }
    }

    /// <inheritdoc />
    public override Task StopAsync() => _primary.StopAsync();

    /// <inheritdoc />
    public override Task KillAsync() => _primary.KillAsync();

    /// <inheritdoc />
    public override Task StartAgainAsync() => _primary.StartAgainAsync();

    /// <inheritdoc />
    public override Task PauseAsync() => _primary.PauseAsync();

    /// <inheritdoc />
    public override Task ResumeAsync() => _primary.ResumeAsync();

    /// <inheritdoc />
    public override async ValueTask DisposeAsync()
    {
        if (_replica is not null) await _replica.DisposeAsync();
        await _primary.DisposeAsync();
        await _relay.DisposeAsync();
    }
}
