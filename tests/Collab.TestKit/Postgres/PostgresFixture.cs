using Xunit;

namespace Collab.TestKit;

/// <summary>
/// One server for all tests of an assembly. xunit finds collections only in the assembly of the tests, so each has its own
/// <c>[CollectionDefinition]</c> that names this class.
/// </summary>
public sealed class PostgresFixture : IAsyncLifetime
{
    private PostgresServer? _server;

    /// <summary>The shared server.</summary>
    public PostgresServer Server => _server ?? throw new InvalidOperationException("The fixture has not been initialised.");

    /// <summary>Creates an empty database for one test.</summary>
    /// <returns>The connection string to it.</returns>
    public Task<string> CreateDatabaseAsync() => Server.CreateDatabaseAsync();

    /// <inheritdoc />
    public async Task InitializeAsync() => _server = await PostgresServer.StartAsync();

    /// <inheritdoc />
    public async Task DisposeAsync()
    {
        if (_server is not null) await _server.DisposeAsync();
    }
}
