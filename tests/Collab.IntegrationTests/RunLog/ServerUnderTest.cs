using Collab.Protocol;
using Collab.TestKit;
using Microsoft.Data.Sqlite;
using Npgsql;
using Xunit;

namespace Collab.IntegrationTests.RunLog;

/// <summary>The stores that every promise of the log holds for.</summary>
public enum StoreKind
{
    Sqlite,
    Postgres,
}

/// <summary>A server process on one of the stores, without limits, and a look at its tables from outside.</summary>
internal sealed class ServerUnderTest : IAsyncDisposable
{
    /// <summary>Keeps every event of a test, so that it can look at all of them.</summary>
    public static readonly KeyValuePair<string, string?> KeepAll = new("Collab:Retention:EventsPerRun", "100000");

    private static readonly string[] Unlimited = ["PublishPerSecond", "PublishPerMinute", "ConnectionsPerUser", "CursorPerSecond"];

    private ServerUnderTest(ServerProcess process, string? database) => (Process, Database) = (process, database);

    /// <summary>The PostgreSQL database; null: the store is a SQLite file.</summary>
    public string? Database { get; }

    public ServerProcess Process { get; }

    /// <summary>Starts a server on an empty store.</summary>
    public static async Task<ServerUnderTest> StartAsync(StoreKind kind, PostgresFixture postgres, params KeyValuePair<string, string?>[] more) =>
        await StartAsync(kind == StoreKind.Postgres ? await postgres.CreateDatabaseAsync() : null, more);

    /// <summary>Starts a server on a database; null: on a SQLite file of its own.</summary>
    public static async Task<ServerUnderTest> StartAsync(string? database, params KeyValuePair<string, string?>[] more)
    {
        var configuration = Unlimited.Select(limit => KeyValuePair.Create($"Collab:Limits:{limit}", (string?)"0"))
            .ExceptBy(more.Select(m => m.Key), m => m.Key, StringComparer.Ordinal).Concat(more);
        var settings = database is null
            ? new ServerSettings { Configuration = new Dictionary<string, string?>(configuration) }
            : ServerSettings.ForPostgres(database, configuration);
        return new(await ServerProcess.StartAsync(settings), database);
    }

    public Task<HubClient> ConnectAsync(string user = "alice") => HubClient.ConnectAsync(Process.BaseAddress, TestTokens.Create(user));

    /// <param name="count">How many connections.</param>
    /// <param name="user">Whose they are; null: each a user's of its own.</param>
    public async Task<HubClient[]> ConnectManyAsync(int count, string? user = null) =>
        await Task.WhenAll(Enumerable.Range(1, count).Select(n => ConnectAsync(user ?? string.Create(null, $"user-{n}"))));

    public ApiClient Api(string user = "alice") => new(Process.BaseAddress, TestTokens.Create(user, admin: true));

    /// <summary>All kept events of a run.</summary>
    public async Task<IReadOnlyList<CollaborationEvent>> ReadAsync(Guid runId)
    {
        await using var reader = await ConnectAsync("reader");
        var join = await reader.JoinAsync(runId);
        // A long log comes in pieces: the answer has the first, and the others follow.
        var first = join.Events is [.., var last] ? last.SequenceNumber : join.LastSequence;
        if (first >= join.LastSequence) return join.Events;
        await reader.WaitForSequenceAsync(runId, join.LastSequence);
        var rest = reader.Events.All.Where(e => e.RunId == runId && e.SequenceNumber > first && e.SequenceNumber <= join.LastSequence);
        return [.. join.Events, .. rest];
    }

    /// <summary>How many events of a run the store holds.</summary>
    public async Task<long> CountRowsAsync(Guid runId)
    {
        await using System.Data.Common.DbConnection connection = Database is null
            ? new SqliteConnection($"Data Source={Path.Combine(Process.WorkingFolder, "data", "collab.db")};Mode=ReadOnly;Pooling=False")
            : new NpgsqlConnection($"{Database};Pooling=False");
        await connection.OpenAsync();
        await using var command = connection.CreateCommand();
        command.CommandText = "SELECT count(*) FROM persisted_collaboration_messages WHERE run_id = @run";
        var run = command.CreateParameter();
        (run.ParameterName, run.Value) = ("@run", runId);
        command.Parameters.Add(run);
        return (long)(await command.ExecuteScalarAsync())!;
    }

    /// <summary>A connection of the test's own to the store, as an application has one.</summary>
    public async Task<System.Data.Common.DbConnection> OpenStoreAsync()
    {
        System.Data.Common.DbConnection connection = Database is null
            ? new SqliteConnection($"Data Source={Path.Combine(Process.WorkingFolder, "data", "collab.db")};Pooling=False")
            : new NpgsqlConnection($"{Database};Pooling=False");
        await connection.OpenAsync();
        return connection;
    }

    public ValueTask DisposeAsync() => Process.DisposeAsync();
}

/// <summary>What must hold for the log of every run.</summary>
internal static class Log
{
    /// <summary>1, 2, 3, … as far as the log goes.</summary>
    public static void IsNumberedWithoutGap(IReadOnlyList<CollaborationEvent> events) =>
        Assert.Equal(Enumerable.Range(1, events.Count).Select(n => (long?)n), events.Select(e => e.SequenceNumber));

    /// <summary>Numbered without a gap, and exactly these messages, each once.</summary>
    public static void Holds(IReadOnlyList<CollaborationEvent> events, IEnumerable<Guid> messageIds)
    {
        IsNumberedWithoutGap(events);
        Assert.Equal(messageIds.Order(), events.Select(e => e.MessageId).Order());
    }

    /// <summary>Each acknowledgement names the place at which its event is.</summary>
    public static void Keeps(IReadOnlyList<CollaborationEvent> events, IEnumerable<PublishAck> acknowledged)
    {
        var places = events.ToDictionary(e => e.MessageId, e => e.SequenceNumber);
        Assert.All(acknowledged, ack => Assert.Equal(ack.SequenceNumber, places.GetValueOrDefault(ack.MessageId)));
    }
}
