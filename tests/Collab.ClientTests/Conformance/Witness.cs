using System.Text.Json;
using System.Text.Json.Nodes;
using Collab.Client;
using Collab.ClientTests.Kit;
using Collab.Protocol;

namespace Collab.ClientTests.Conformance;

/// <summary>An application that uses a client by its public face, and remembers what it saw.</summary>
internal sealed class Witness
{
    private readonly OfflineClient _client;
    private readonly List<CollaborationEvent> _delivered = [];
    private readonly HashSet<CollaborationEvent> _news = new(ReferenceEqualityComparer.Instance);
    private readonly JsonObject _outcomes = [];
    private readonly JsonObject _waits = [];
    private readonly Dictionary<string, CancellationTokenSource> _givesUp = [];

    public Witness(OfflineClient client)
    {
        _client = client;
        Await(() => ReadAsync(includeHistory: true, _delivered.Add));
        Await(() => ReadAsync(includeHistory: false, e => _news.Add(e)));
        client.Pump.Settle();
    }

    private IEnumerable<CollaborationEvent> Critical => _delivered.Where(e => e.SequenceNumber is not null);

    public void Await(Func<Task> work) => _client.Do(work);

    public void Await(string id, Func<Task<PublishAck>> publish) => _client.Do(async () =>
    {
        try
        {
            var ack = await publish();
            _outcomes[id] = ack.Duplicate ? $"duplicate of {ack.SequenceNumber}" : ack.SequenceNumber is { } sequence ? sequence : "sent";
        }
        catch (CollabException e)
        {
            _outcomes[id] = e.CodeText;
        }
    });

    public void WhenSeen(string name, long sequence, IEnumerable<string>? users)
    {
        var gives = _givesUp[name] = new();
        _client.Do(async () =>
        {
            try
            {
                await _client.Connection.WhenSeenAsync(sequence, users, gives.Token);
                _waits[name] = "seen";
            }
            catch (CollabException e)
            {
                _waits[name] = e.CodeText;
            }
            catch (OperationCanceledException)
            {
                _waits[name] = "given up";
            }
        });
    }

    public void GiveUp(string name) => _givesUp[name].Cancel();

    public void Check(JsonObject expected)
    {
        foreach (var (name, value) in expected)
        {
            var wanted = name is "delivered" or "replayed" or "events" ? Array(Shorthand.Numbers(value!.AsArray())) : value;
            var seen = Seen(name);
            if (name == "health") seen = new JsonObject(seen!.AsObject().Where(field => wanted!.AsObject().ContainsKey(field.Key)).Select(Clone));
            if (!Same(wanted, seen)) throw new InvalidOperationException($"{name} is {seen?.ToJsonString() ?? "null"}, not {wanted?.ToJsonString() ?? "null"}");
        }
    }

    private JsonNode? Seen(string name)
    {
        var snapshot = _client.Connection.Snapshot;
        var connection = snapshot.Connection;
        return name switch
        {
            "connection" => connection.GetType().Name.ToLowerInvariant(),
            "reason" => snapshot.Reason?.Code.ToWire(),
            "error" => ((ConnectionState.Closed)connection).Error?.CodeText,
            "attempt" => ((ConnectionState.Reconnecting)connection).Attempt,
            "retryInMs" => (((ConnectionState.Reconnecting)connection).RetryAt - _client.Time.GetUtcNow())?.TotalMilliseconds,
            "probing" => ((ConnectionState.Polling)connection).Probing,
            "reachable" => ((ConnectionState.Polling)connection).Reachable,
            "epoch" => Shorthand.ShortId(snapshot.Epoch?.ToString()),
            "delivered" => Array(Critical.Select(e => e.SequenceNumber!.Value)),
            "replayed" => Array(Critical.Where(e => !_news.Contains(e)).Select(e => e.SequenceNumber!.Value)),
            "ephemeral" => Array(_delivered.Where(e => e.SequenceNumber is null).Select(e => $"{e.EventType} {e.UserId}")),
            "events" => Array(snapshot.Events.Select(e => e.SequenceNumber!.Value)),
            "pending" => new JsonArray([.. snapshot.Pending.Select(send => new JsonArray(Shorthand.ShortId(send.MessageId.ToString()), send.Status.ToString().ToLowerInvariant()))]),
            "conflicts" => new JsonArray([.. snapshot.Conflicts.Select(send => new JsonArray(
                Shorthand.ShortId(send.MessageId.ToString()), Array(send.Error!.ConflictingEvents.Select(e => e.SequenceNumber!.Value))))]),
            "outcomes" => _outcomes,
            "waits" => _waits,
            _ => typeof(RunSnapshot).GetProperty(char.ToUpperInvariant(name[0]) + name[1..]) is { } property
                ? JsonSerializer.SerializeToNode(property.GetValue(snapshot), JsonSerializerOptions.Web)
                : throw new NotSupportedException($"A snapshot has no {name}."),
        };
    }

    private async Task ReadAsync(bool includeHistory, Action<CollaborationEvent> seen)
    {
        try
        {
            await foreach (var e in _client.Connection.ReadEventsAsync(includeHistory)) seen(e);
        }
        catch (CollabException)
        {
            // The server will not have this client; the snapshot says so too.
        }
    }

    private static KeyValuePair<string, JsonNode?> Clone(KeyValuePair<string, JsonNode?> field) => new(field.Key, field.Value?.DeepClone());

    private static JsonArray Array<T>(IEnumerable<T> items) => [.. items.Select(item => JsonSerializer.SerializeToNode(item))];

    private static bool Same(JsonNode? a, JsonNode? b) =>
        JsonElement.DeepEquals(JsonSerializer.SerializeToElement(a), JsonSerializer.SerializeToElement(b));
}
