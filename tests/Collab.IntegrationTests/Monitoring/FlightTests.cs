using System.Net;
using Collab.Protocol;
using Collab.TestKit;
using Xunit;

namespace Collab.IntegrationTests.Monitoring;

/// <summary>An administrator finds what became of a client's connections, over reconnects, and why each ended.</summary>
public sealed class FlightTests(GenerousServer server) : IClassFixture<GenerousServer>
{
    private const string Root = "api/admin/websocket";

    [Fact]
    public async Task Each_end_of_a_connection_has_its_cause()
    {
        var (run, trace) = (Guid.NewGuid(), $"tab-{Guid.NewGuid():N}");
        using var admin = server.AdminApi();
        var kicked = await ConnectAsync(run, trace);
        var session = (await admin.GetAsync<RunConnections>($"{Root}/connections/{run}")).Value.Connections.Single().SessionId;
        Assert.Equal(trace, (await admin.GetAsync<ConnectionMetrics>($"{Root}/metrics/{session}")).Value.TraceId);
        await admin.SendAsync(HttpMethod.Delete, $"{Root}/connections/{session}");
        await kicked.Closed.WaitAsync(Patience.Default);
        await UntilAsync(steps => steps.Count(s => s.Step == FlightStep.Closed) == 1);

        var left = await ConnectAsync(run, trace);
        await left.InvokeAsync("LeaveRun", run);
        await left.DisposeAsync();
        await UntilAsync(steps => steps[^1].Cause is not null);
        var lost = await ConnectAsync(run, trace);
        await lost.AbortAsync();
        await UntilAsync(steps => steps[^1] is { Step: FlightStep.Closed, Cause: not null });

        var flight = (await admin.GetAsync<FlightRecord>($"{Root}/flights/{trace}")).Value;
        Assert.Equal((trace, 1, 0), (flight.TraceId, flight.Servers, flight.Missing.Count));
        Assert.Equal(
            [
                (FlightStep.Opened, null), (FlightStep.Joined, null), (FlightStep.Ended, "kicked"), (FlightStep.Closed, null),
                (FlightStep.Opened, null), (FlightStep.Joined, null), (FlightStep.Left, null), (FlightStep.Closed, null),
                (FlightStep.Opened, null), (FlightStep.Joined, null), (FlightStep.Closed, (string?)null),
            ],
            flight.Entries.Select(e => (e.Step, e.Reason)));
        Assert.Equal("An administrator ended the connection.", flight.Entries[2].Cause);
        Assert.Equal("The client closed the connection.", flight.Entries[7].Cause);
        Assert.StartsWith("The connection broke off without a goodbye", flight.Entries[^1].Cause, StringComparison.Ordinal);
        Assert.All(flight.Entries, e => Assert.Equal(("alice", ConnectionKind.WebSocket), (e.UserId, e.Kind)));
        Assert.Equal(flight.Entries.OrderBy(e => e.At).Select(e => e.At), flight.Entries.Select(e => e.At));

        async Task UntilAsync(Func<IReadOnlyList<FlightEntry>, bool> holds) => await Eventually.TrueAsync(
            async () => holds((await admin.GetAsync<FlightRecord>($"{Root}/flights/{trace}")).Value.Entries));
    }

    [Theory]
    [InlineData("unknown")]
    [InlineData("%2e%2e%2fhealth")]
    [InlineData("%ff")]
    [InlineData("'; drop table runs; --")]
    public async Task A_trace_that_is_not_remembered_is_not_found(string trace)
    {
        using var admin = server.AdminApi();
        RawHttp.AssertProblem(HttpStatusCode.NotFound, await admin.SendAsync(HttpMethod.Get, $"{Root}/flights/{trace}"));
        RawHttp.AssertProblem(HttpStatusCode.NotFound, await admin.SendAsync(HttpMethod.Get, $"{Root}/flights/{new string('x', 5000)}"));
    }

    private async Task<HubClient> ConnectAsync(Guid run, string trace)
    {
        var client = await HubClient.ConnectAsync(server.Address, TestTokens.Create("alice"), trace);
        await client.JoinAsync(run);
        return client;
    }
}
