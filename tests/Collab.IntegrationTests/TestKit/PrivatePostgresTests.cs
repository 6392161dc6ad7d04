using Collab.TestKit;
using Npgsql;
using Xunit;

namespace Collab.IntegrationTests.TestKit;

public sealed class PrivatePostgresTests
{
    [Fact]
    public async Task What_was_committed_is_there_after_a_restart_and_after_a_crash()
    {
        await using var postgres = await PostgresServer.StartPrivateAsync();
        var database = await postgres.CreateDatabaseAsync();
        await Database.ExecuteAsync(database, "CREATE TABLE note (text text)");

        await postgres.RestartAsync();
        await Database.ExecuteAsync(database, "INSERT INTO note VALUES ('before the crash')");
        await postgres.KillAsync();
        await Assert.ThrowsAsync<NpgsqlException>(() => Database.ExecuteAsync(database, "SELECT 1"));
        await postgres.StartAgainAsync();

        Assert.Equal("before the crash", await Database.QueryAsync<string>(database, "SELECT text FROM note"));
    }

    [Fact]
    public async Task A_frozen_server_answers_once_it_is_resumed()
    {
        await using var postgres = await PostgresServer.StartPrivateAsync();
        var database = await postgres.CreateDatabaseAsync();

        await postgres.PauseAsync();
        var error = await Assert.ThrowsAsync<NpgsqlException>(() => Database.ExecuteAsync(database + ";Timeout=1", "SELECT 1"));
        await postgres.ResumeAsync();

        Assert.IsType<TimeoutException>(error.InnerException);
        Assert.Equal(1, await Database.QueryAsync<int>(database, "SELECT 1"));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Disposing_leaves_no_process_and_no_folder(bool killedBefore)
    {
        var postgres = await PostgresServer.StartPrivateAsync();
        var database = await postgres.CreateDatabaseAsync();
        var data = await Database.QueryAsync<string>(database, "SELECT current_setting('data_directory')");
        var processes = (await Database.QueryAsync<string>(database, "SELECT string_agg(pid::text, ' ') FROM pg_stat_activity"))!.Split(' ');

        if (killedBefore) await postgres.KillAsync();
        await postgres.DisposeAsync();

        Assert.False(Directory.Exists(Path.GetDirectoryName(data)));
        Assert.NotEmpty(processes);
        Assert.All(processes, id => Assert.False(Runs(id), id));
    }

    /// <summary>Whether there is such a process. One that was killed and that its parent has not buried yet has no command line any more.</summary>
    private static bool Runs(string processId)
    {
        try
        {
            return File.ReadAllText($"/proc/{processId}/cmdline").Length > 0;
        }
        catch (IOException)
        {
            return false;
        }
    }
}
