using System.Globalization;
using System.Text.RegularExpressions;
using Npgsql;

namespace Collab.TestKit;

/// <summary>A pgbouncer in front of a database, in transaction mode: each transaction may be in another session, which others use in between.</summary>
public sealed partial class PgBouncer : IAsyncDisposable
{
    private readonly TemporaryFolder _folder = new("pgbouncer");
    private readonly int _port = FreePort.Next();
    private ChildProcess? _process;

    private PgBouncer(string database) =>
        ConnectionString = new NpgsqlConnectionStringBuilder(database) { Host = "127.0.0.1", Port = _port }.ConnectionString;

    /// <summary>Leads to the database through the pooler.</summary>
    public string ConnectionString { get; }

    /// <summary>Starts a pooler.</summary>
    /// <param name="database">A connection string to the database behind it.</param>
    /// <param name="poolSize">How many sessions it has there.</param>
    /// <returns>Completes when it accepts connections.</returns>
    /// <exception cref="InvalidOperationException">The program is not installed (Debian: pgbouncer).</exception>
    public static async Task<PgBouncer> StartAsync(string database, int poolSize = 3)
    {
        var pooler = new PgBouncer(database);
        try
        {
            await pooler.StartProcessAsync(new(database), poolSize);
            return pooler;
        }
        catch
        {
            await pooler.DisposeAsync();
            throw;
        }
    }

    /// <inheritdoc />
    public async ValueTask DisposeAsync()
    {
        if (_process is not null) await _process.DisposeAsync();
        _folder.Dispose();
    }

    private async Task StartProcessAsync(NpgsqlConnectionStringBuilder target, int poolSize)
    {
        var password = target.Password is { Length: > 0 } ? $" password={target.Password}" : "";
        await File.WriteAllTextAsync(_folder["pgbouncer.ini"], string.Create(
            CultureInfo.InvariantCulture,
            $"""
            [databases]
            * = host={target.Host} port={target.Port} user={target.Username}{password}
            [pgbouncer]
            listen_addr = 127.0.0.1
            listen_port = {_port}
            unix_socket_dir =
            auth_type = any
            pool_mode = transaction
            default_pool_size = {poolSize}
            """));
        await PostgresBinaries.HandOverAsync(_folder);
        var folder = Path.GetDirectoryName(ProgramPath())!;
        _process = ChildProcess.Start(new PostgresBinaries(folder).Command("pgbouncer", _folder, _folder["pgbouncer.ini"]));
        await _process.WaitForLineAsync(Ready());
    }

    /// <summary>Debian keeps it out of an ordinary PATH.</summary>
    private static string ProgramPath() =>
        (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries).Append("/usr/sbin")
            .Select(folder => Path.Combine(folder, "pgbouncer")).FirstOrDefault(File.Exists)
        ?? throw new InvalidOperationException("The tests need pgbouncer: install it (Debian: pgbouncer).");

    [GeneratedRegex("process up", RegexOptions.None, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Ready();
}
