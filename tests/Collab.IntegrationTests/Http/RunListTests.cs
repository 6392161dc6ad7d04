using System.Net;
using Collab.Protocol;
using Collab.TestKit;
using Xunit;

namespace Collab.IntegrationTests.Http;

/// <summary>
/// The list of runs shows each reader what is theirs, newest activity first; and the document that describes the API is complete.
/// </summary>
public sealed class RunListTests(GenerousServer server) : IClassFixture<GenerousServer>
{
    [Fact]
    public async Task It_shows_readable_runs_only_newest_activity_first_page_by_page()
    {
        var runs = Enumerable.Range(0, 7).Select(_ => Guid.NewGuid()).ToArray();
        using var writer = server.Api("alice");
        var before = 0L;
        foreach (var run in runs) before = (await writer.PublishAsync(run, EventTypes.Graft, new { after = "A", agentName = "x" })).Value.Timestamp;
        // Times are whole milliseconds: the newest must not share its own with another.
        PublishAck newest;
        do newest = (await writer.PublishAsync(runs[2], EventTypes.Flag, new { stepId = "A" })).Value;
        while (newest.Timestamp <= before);
        using var reader = server.Api("bob", [.. runs.Where(r => r != runs[4]).Select(r => $"{r}:read")]);
        await using var present = await server.ConnectAsync("carol");
        await present.JoinAsync(runs[2]);

        var seen = new List<RunSummary>();
        string? cursor = null;
        do
        {
            var page = (await reader.ListAsync(cursor, limit: 2)).Value;
            Assert.InRange(page.Runs.Count, 0, 2);
            seen.AddRange(page.Runs);
            cursor = page.NextCursor;
        }
        while (cursor is not null);

        Assert.Equal(6, seen.Count);
        Assert.Equal(seen.OrderByDescending(r => r.UpdatedAt).Select(r => r.UpdatedAt), seen.Select(r => r.UpdatedAt));
        Assert.Equal(runs.Where(r => r != runs[4]).Order(), seen.Select(r => r.RunId).Order());
        Assert.Equal((runs[2], newest.SequenceNumber, EventTypes.Flag), (seen[0].RunId, seen[0].LastSequence, seen[0].LastEvent!.EventType));
        Assert.Equal(["carol"], seen[0].ActiveUsers);
        Assert.All(seen, r => Assert.True(r.CreatedAt <= r.UpdatedAt));
        using var stranger = server.Api("mallory", $"{Guid.NewGuid()}:write");
        Assert.Empty((await stranger.ListAsync()).Value.Runs);
    }

    [Fact]
    public async Task A_cursor_names_no_run_and_works_only_as_it_was_given()
    {
        var runs = Enumerable.Range(0, 3).Select(_ => Guid.NewGuid()).ToArray();
        using var writer = server.Api("alice");
        foreach (var run in runs) await writer.PublishAsync(run, EventTypes.Graft, new { after = "A", agentName = "x" });
        using var reader = server.Api("bob", [.. runs.Select(r => $"{r}:read")]);
        using var other = server.Api("carol", [.. runs.Select(r => $"{r}:read")]);

        var cursor = (await reader.ListAsync(limit: 1)).Value.NextCursor!;

        Assert.All(runs, run => Assert.DoesNotContain(run.ToString("N"), Convert.ToHexStringLower(System.Buffers.Text.Base64Url.DecodeFromChars(cursor)), StringComparison.Ordinal));
        Assert.Equal(2, (await reader.ListAsync(cursor)).Value.Runs.Count);
        RawHttp.AssertRefused(CollabErrorCode.InvalidEvent, await other.ListAsync(cursor));
        var changed = cursor.ToCharArray();
        changed[20] = changed[20] == 'A' ? 'B' : 'A';
        RawHttp.AssertRefused(CollabErrorCode.InvalidEvent, await reader.ListAsync(new(changed)));
        RawHttp.AssertRefused(CollabErrorCode.InvalidEvent, await reader.ListAsync($"638000000000000000_{runs[0]:N}"));
        RawHttp.AssertRefused(CollabErrorCode.InvalidEvent, await reader.ListAsync("ümlaut"));
    }

    [Fact]
    public async Task The_API_document_lists_every_endpoint()
    {
        using var api = new ApiClient(server.Address, token: null);

        var document = (await api.GetAsync("openapi/v1.json")).Json;

        var listed = document.GetProperty("paths").EnumerateObject().SelectMany(p => p.Value.EnumerateObject().Select(m => $"{m.Name} {p.Name}")).ToArray();
        Assert.All(
            (string[])
            [
                "get /api/runs", "delete /api/runs/{runId}", "get /api/runs/{runId}/collaboration/poll", "get /api/runs/{runId}/collaboration/replay",
                "post /api/runs/{runId}/collaboration/events", "get /api/runs/{runId}/collaboration/state", "get /api/runs/{runId}/collaboration/stream",
                "get /api/admin/websocket/connections", "delete /api/admin/websocket/connections/{id}", "get /api/health/websocket", "get /api/admin/servers",
            ],
            endpoint => Assert.Contains(endpoint, listed));
        Assert.Equal("/", document.GetProperty("servers")[0].GetProperty("url").GetString());
        var overview = document.GetProperty("components").GetProperty("schemas").GetProperty("ConnectionOverview").GetProperty("properties");
        Assert.Equal(
            ["connectionsByRun", "missing", "servers", "totalConnections", "totalRuns"],
            overview.EnumerateObject().Select(p => p.Name).Order(StringComparer.Ordinal));
    }

    [Theory]
    [InlineData("health/live")]
    [InlineData("health/ready")]
    public async Task Health_needs_no_token(string path)
    {
        using var api = new ApiClient(server.Address, token: null);

        Assert.Equal(HttpStatusCode.OK, (await api.GetAsync(path)).Status);
    }
}
