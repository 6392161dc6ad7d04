using Collab.Protocol;
using Collab.TestKit;
using Xunit;

namespace Collab.IntegrationTests.RunLog;

/// <summary>One total order per run, without gaps, in which each connection's events stand as it sent them though it waited for none.</summary>
[Collection(SharedPostgres.Name)]
public sealed class OrderTests(PostgresFixture postgres)
{
    private const int Connections = 4;
    private const int PerConnection = 1000;

    [Theory]
    [InlineData(StoreKind.Sqlite)]
    [InlineData(StoreKind.Postgres)]
    public async Task Events_sent_without_waiting_are_numbered_in_the_order_of_their_connection(StoreKind kind)
    {
        await using var server = await ServerUnderTest.StartAsync(kind, postgres, ServerUnderTest.KeepAll);
        var run = Guid.NewGuid();
        await using var follower = await server.ConnectAsync("follower");
        await follower.JoinAsync(run);
        var clients = await server.ConnectManyAsync(Connections);

        var sent = await Task.WhenAll(clients.Select(client => Task.Run(() => SendAllAsync(client, run))));

        Assert.All(sent, acks => Assert.Equal(acks.Select(a => a.SequenceNumber).Order(), acks.Select(a => a.SequenceNumber)));
        Assert.Equal(
            Enumerable.Range(1, Connections * PerConnection).Select(n => (long?)n), sent.SelectMany(acks => acks).Select(a => a.SequenceNumber).Order());
        await follower.WaitForSequenceAsync(run, Connections * PerConnection);
        Assert.Equal(Enumerable.Range(1, Connections * PerConnection).Select(n => (long)n), follower.SequencesOf(run));
        Log.Keeps(await server.ReadAsync(run), sent.SelectMany(acks => acks));
        foreach (var client in clients) await client.DisposeAsync();
    }

    private static Task<PublishAck[]> SendAllAsync(HubClient client, Guid run) =>
        Task.WhenAll(Enumerable.Range(1, PerConnection).Select(_ => client.GraftAsync(run, messageId: Guid.NewGuid())));
}
