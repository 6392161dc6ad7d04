using DotNet.Testcontainers.Builders;
using Testcontainers.PostgreSql;

namespace Collab.TestKit;

/// <summary>A server in a container, for a machine with Docker but without PostgreSQL.</summary>
internal sealed class ContainerPostgres : PrivatePostgres
{
    private readonly PostgreSqlContainer _container;

    private ContainerPostgres(PostgreSqlContainer container) => _container = container;

    protected override string ConnectionString => _container.GetConnectionString();

    /// <param name="image">What to run; a name of PostgreSQL's official images or one like them.</param>
    /// <param name="otherwise">What to say where no Docker engine answers.</param>
    /// <exception cref="InvalidOperationException">No Docker engine answers.</exception>
    public static async Task<ContainerPostgres> StartContainerAsync(string image, string otherwise)
    {
        try
        {
            // The port is bound by number: a port that Docker picks is another one after a restart.
            // The durability settings come last, because the module's own defaults turn durability off.
            var container = new PostgreSqlBuilder(image)
                .WithPortBinding(FreePort.Next(), PostgreSqlBuilder.PostgreSqlPort)
                .WithCommand("-c", "max_connections=200", "-c", "fsync=on", "-c", "full_page_writes=on", "-c", "synchronous_commit=on")
                .Build();
            var server = new ContainerPostgres(container);
            await server.StartAgainAsync();
            return server;
        }
        catch (DockerUnavailableException e)
        {
            throw new InvalidOperationException(otherwise, e);
        }
    }

    public override Task StartAgainAsync() => _container.StartAsync();

    public override Task StopAsync() => _container.StopAsync();

    public override async Task KillAsync()
    {
        // SIGQUIT, PostgreSQL's own way to crash: a container's first process takes no SIGKILL from within.
        await _container.ExecAsync(["sh", "-c", "kill -QUIT 1"]);
        await _container.StopAsync();
    }

    public override Task PauseAsync() => _container.PauseAsync();

    public override Task ResumeAsync() => _container.UnpauseAsync();

    public override ValueTask DisposeAsync() => _container.DisposeAsync();
}
