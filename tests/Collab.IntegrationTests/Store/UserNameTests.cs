using System.Text.Json;
using Collab.AspNetCore.Store;
using Collab.IntegrationTests.RunLog;
using Collab.Protocol;
using Collab.TestKit;
using Xunit;

namespace Collab.IntegrationTests.Store;

/// <summary>What to call the user who published an event is kept with the event; an event without a name has no such field.</summary>
[Collection(SharedPostgres.Name)]
public sealed class UserNameTests(PostgresFixture postgres)
{
    [Theory]
    [InlineData(StoreKind.Sqlite)]
    [InlineData(StoreKind.Postgres)]
    public async Task A_name_is_stored_with_its_event_alone_and_in_a_batch(StoreKind kind)
    {
        await using var store = await StoreUnderTest.CreateAsync(kind, postgres);
        await store.Store.MigrateAsync(CancellationToken.None);
        await using var appender = store.Store.CreateAppender();
        var run = Guid.NewGuid();

        await appender.AppendAsync(new([Named(run, "Alice B.")], 1_760_000_000_000), CancellationToken.None);
        await appender.AppendAsync(new([Named(run, null), Named(run, "Grüße 🚀")], 1_760_000_000_000), CancellationToken.None);
        await appender.AppendAsync(new([Named(run, null)], 1_760_000_000_000), CancellationToken.None);

        var events = (await store.Store.LoadAsync(run, 0, 1000, CancellationToken.None)).Events;
        Assert.Equal(["Alice B.", null, "Grüße 🚀", null], events.Select(e => e.UserName));
        Assert.Equal(["Alice B.", null, "Grüße 🚀", null], events.Select(e => JsonSerializer.Deserialize(e.Json, CollabJson.Default.CollaborationEvent)!.UserName));
        Assert.Equal([true, false, true, false], events.Select(e => JsonDocument.Parse(e.Json).RootElement.TryGetProperty("userName", out _)));
        var listed = Assert.Single(await store.Store.ListAsync(new(Only: null, Before: null, Limit: 10), CancellationToken.None));
        Assert.Null(listed.LastEvent!.UserName);
    }

    private static Append Named(Guid run, string? name) =>
        new(run, Guid.CreateVersion7(), EventTypes.Graft, "alice", name, """{"after":"PM","agentName":"a"}"""u8.ToArray());
}
