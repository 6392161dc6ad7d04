using System.Text.Json;
using Collab.Client;
using Collab.ClientTests.Kit;
using Collab.Protocol;
using Collab.TestKit;
using Microsoft.Extensions.Logging;
using Xunit;

namespace Collab.ClientTests.RealServer;

/// <summary>A real server says what its state comes to; a client whose state has become another one behind its back finds it, and is well again.</summary>
public sealed class FingerprintTests : IAsyncLifetime
{
    private readonly Guid _run = Guid.NewGuid();
    private readonly LiveServer _server = new();
    private int _told;

    public Task InitializeAsync() => _server.InitializeAsync();

    public Task DisposeAsync() => _server.DisposeAsync();

    [Theory]
    [InlineData(HubProtocol.Json)]
    [InlineData(HubProtocol.MessagePack)]
    public async Task An_event_that_was_changed_on_its_way_is_found_within_256_more_and_healed(HubProtocol protocol)
    {
        using var http = new HttpClient();
        var log = new Arrivals<string>();
        await using var other = _server.NewClient("other");
        await using var client = NewClient(http, new ListLogger(log), protocol, isBlocked: false);
        await using var run = await client.ConnectAsync(_run);

        await PublishAsync(other, 1, 200);
        var wrong = await SeenAsync(run, s => s.LastSequence == 200);
        Assert.Equal((0, "changed"), (wrong.Health.FingerprintMismatches, wrong.State.Flags["step 100"].Note));
        await PublishAsync(other, 201, 300);
        var healed = await SeenAsync(run, s => s.LastSequence == 300 && s.State.Flags["step 100"].Note == "100");

        Assert.Equal(1, healed.Health.FingerprintMismatches);
        Assert.Equal(1, healed.Health.MessageDeliveryRate);
        Assert.Single(log.All, line => line.EndsWith("is not the server's", StringComparison.Ordinal));
        await PublishAsync(other, 301, 600);
        var later = await SeenAsync(run, s => s.LastSequence == 600);
        await Eventually.TrueAsync(() => Volatile.Read(ref _told) >= 2);
        Assert.Equal(1, later.Health.FingerprintMismatches);
        Assert.Equal(StateFingerprint.Of(await other.GetStateAsync(_run)), StateFingerprint.Of(later.State));
    }

    [Fact]
    public async Task An_event_that_was_changed_on_its_way_to_a_client_that_polls_is_found_at_once_and_healed()
    {
        using var http = new HttpClient(new Changing());
        await using var other = _server.NewClient("other");
        await PublishAsync(other, 1, 120);
        await using var client = NewClient(http, new ListLogger(new()), HubProtocol.Json, isBlocked: true);
        await using var run = client.Open(_run);
        run.Connect();

        var healed = await SeenAsync(run, s => s.LastSequence == 120 && s.State.Flags["step 100"].Note == "100");
        Assert.Equal((1, true), (healed.Health.FingerprintMismatches, healed.UsingFallback));
        await PublishAsync(other, 121, 130);
        var later = await SeenAsync(run, s => s.LastSequence == 130);

        Assert.Equal(1, later.Health.FingerprintMismatches);
        Assert.Equal(StateFingerprint.Of(await other.GetStateAsync(_run)), StateFingerprint.Of(later.State));
    }

    [Fact]
    public async Task Joins_polls_states_and_streams_say_what_the_state_comes_to()
    {
        await using var client = _server.NewClient("other");
        await PublishAsync(client, 1, 20);
        var token = TestTokens.Create("reader");
        using var api = new ApiClient(_server.Address, token);
        await using var hub = await HubClient.ConnectAsync(_server.Address, token);

        var state = (await api.StateAsync(_run)).Value;
        var expected = StateFingerprint.Of(state);
        Assert.Equal((20, expected), (expected.Sequence, state.Fingerprint));
        Assert.Equal(expected, (await hub.JoinAsync(_run)).Fingerprint);
        Assert.Equal(expected, (await api.PollAsync(_run, 20)).Value.Fingerprint);
        Assert.InRange((await api.PollAsync(_run, 3)).Value.Fingerprint!.Sequence, 3, 20);
        var past = (await api.StateAsync(_run, 7)).Value;
        Assert.Equal((7, StateFingerprint.Of(past)), (past.Fingerprint!.Sequence, past.Fingerprint));
        await foreach (var message in api.StreamAsync(_run))
        {
            Assert.Equal(("run", expected), (message.Type, JsonSerializer.Deserialize(message.Data, CollabJson.Default.StreamStart)!.Fingerprint));
            break;
        }
    }

    private static async Task<RunSnapshot> SeenAsync(RunConnection run, Func<RunSnapshot, bool> condition)
    {
        try
        {
            return await run.WaitForAsync(condition).WaitAsync(Patience.Process);
        }
        catch (TimeoutException e)
        {
            throw new TimeoutException($"It is still {run.Snapshot.Health} at {run.Snapshot.LastSequence}.", e);
        }
    }

    private static async Task PublishAsync(CollabClient client, Guid run, int first, int last)
    {
        foreach (var part in Enumerable.Range(first, last - first + 1).Chunk(100))
        {
            await client.PublishBatchAsync(run, [.. part.Select(i => new PublishRequest(
                EventTypes.Flag, JsonSerializer.SerializeToElement(new { stepId = $"step {i}", note = $"{i}" }), null))]);
        }
    }

    private Task PublishAsync(CollabClient client, int first, int last) => PublishAsync(client, _run, first, last);

    private CollabClient NewClient(HttpClient http, ILogger log, HubProtocol protocol, bool isBlocked)
    {
        var options = LiveServer.OptionsOf(_server.Address, "reader");
        (options.Protocol, options.FallbackAfter) = (protocol, 1);
        return new(options, new Surroundings
        {
            Time = TimeProvider.System,
            Logger = log,
            Metrics = new ClientMetrics(null),
            Http = () => http,
            Hub = address => (token, calls) => isBlocked
                ? throw new IOException("No WebSocket gets through.")
                : new SignalRHub(address, token, options, calls with
                {
                    Received = (run, events) => calls.Received(run, [.. events.Select(Changed)]),
                    Told = (run, fingerprint) =>
                    {
                        Interlocked.Increment(ref _told);
                        calls.Told(run, fingerprint);
                    },
                }),
            Network = new Loopback(),
        });
    }

    private static CollaborationEvent Changed(CollaborationEvent e) => e.SequenceNumber == 100
        ? e with { Data = JsonSerializer.SerializeToElement(new { stepId = "step 100", note = "changed" }) }
        : e;

    /// <summary>Changes an event in each answer to a poll.</summary>
    private sealed class Changing() : DelegatingHandler(new HttpClientHandler())
    {
        protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            var answer = await base.SendAsync(request, cancellationToken);
            if (!request.RequestUri!.AbsolutePath.EndsWith("/poll", StringComparison.Ordinal)) return answer;
            var text = await answer.Content.ReadAsStringAsync(cancellationToken);
            answer.Content = new StringContent(text.Replace("\"note\":\"100\"", "\"note\":\"changed\"", StringComparison.Ordinal));
            return answer;
        }
    }
}
