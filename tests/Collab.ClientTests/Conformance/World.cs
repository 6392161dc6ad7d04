using System.Globalization;
using System.Net;
using System.Text.Json;
using System.Text.Json.Nodes;
using Collab.Client;
using Collab.ClientTests.Kit;
using Collab.TestKit;
using Microsoft.AspNetCore.SignalR;

namespace Collab.ClientTests.Conformance;

/// <summary>A client, a server that says what the scenario says, and a clock.</summary>
internal sealed class World : IDisposable
{
    private readonly JsonObject _scenario;
    private readonly Pump _pump = new();
    private readonly TemporaryFolder _folder = new("queue");

    /// <summary>Processes that crashed: nothing of them goes on, but the test has to clean up after them.</summary>
    private readonly List<OfflineClient> _crashed = [];

    /// <summary>The highest number that each connection was told of.</summary>
    private readonly Dictionary<int, long> _told = [];
    private OfflineClient _client;
    private Witness _witness;
    private int _tokensAsked;

    public World(JsonObject scenario)
    {
        _scenario = scenario;
        (_client, _witness) = NewClient(new SteppedTime(_pump));
    }

    private bool PingsByHand => (string?)_scenario["pings"] == "manual";

    public void Run()
    {
        foreach (var (index, step) in _scenario["steps"]!.AsArray().Index())
        {
            try
            {
                Take(step!.AsObject());
                _pump.Settle();
                AnswerPings();
            }
            catch (Exception e)
            {
                throw new InvalidOperationException($"Step {index + 1}, {step!.ToJsonString()}: {e.Message}", e);
            }
        }
        _client.End();
        foreach (var crashed in _crashed) crashed.End();
    }

    public void Dispose()
    {
        _client.Dispose();
        foreach (var crashed in _crashed) crashed.Dispose();
        _folder.Dispose();
    }

    private (OfflineClient Client, Witness Witness) NewClient(SteppedTime time)
    {
        var client = NewBareClient(time);
        return (client, new Witness(client));
    }

    private OfflineClient NewBareClient(SteppedTime time)
    {
        var options = new CollabClientOptions { QueueFolder = _folder.Path, Token = _ => NextTokenAsync(time) };
        foreach (var (name, value) in _scenario["options"]?.AsObject() ?? []) Set(options, name, (int)value!);
        return new OfflineClient(_pump, time, options);
    }

    private static void Set(CollabClientOptions options, string name, int value)
    {
        switch (name)
        {
            case "maxQueued": options.MaxQueued = value; break;
            case "maxEvents": options.MaxEvents = value; break;
            case "fallbackAfter": options.FallbackAfter = value; break;
            case "pollIntervalMs": options.PollInterval = TimeSpan.FromMilliseconds(value); break;
            case "pingIntervalMs": options.PingInterval = TimeSpan.FromMilliseconds(value); break;
            default: throw new NotSupportedException($"No option {name}.");
        }
    }

    private ValueTask<string> NextTokenAsync(SteppedTime time)
    {
        var tokens = _scenario["tokens"]?.AsArray() ?? [new JsonObject()];
        var text = tokens[Math.Min(_tokensAsked, tokens.Count - 1)]!;
        _tokensAsked++;
        if (text is JsonValue)
        {
            return (string)text! == "never" ? new(new TaskCompletionSource<string>().Task) : throw new InvalidOperationException("No token now.");
        }
        var expiresAt = text["expiresInMs"] is { } ms ? time.GetUtcNow().AddMilliseconds((double)ms) : (DateTimeOffset?)null;
        return new(FakeTokens.Create((string?)text["user"] ?? "alice", expiresAt, _tokensAsked));
    }

    private void Take(JsonObject step)
    {
        var connection = (int?)step["connection"];
        switch (step.First())
        {
            case ("connect", _): _client.Connection.Connect(); break;
            case ("retryNow", _): _client.Connection.RetryNow(); break;
            case ("close", _): _witness.Await(_client.Connection.CloseAsync); break;
            case ("reload", var how): Reload((string)how!); break;
            case ("otherPage", var ids): OtherProcess(ids!.AsArray(), (string)step["ends"]!); break;
            case ("page", var what): Happens((string)what!); break;
            case ("publish", var id): Publish((string)id!, (string?)step["eventType"] ?? "FLAG", step["data"], (long?)step["basedOn"]); break;
            case ("whenSeen", var number): _witness.WhenSeen((string)step["as"]!, (long)number!, step["users"]?.AsArray().Select(u => (string)u!)); break;
            case ("giveUp", var name): _witness.GiveUp((string)name!); break;
            case ("moveCursor", var node): _client.Connection.MoveCursor((string?)node); break;
            case ("retry", var id): _client.Connection.Retry(Guid.Parse(Shorthand.LongId((string)id!))); break;
            case ("edit", var id): _client.Connection.Edit(Guid.Parse(Shorthand.LongId((string)id!)), JsonElement.Parse(step["data"]!.ToJsonString())); break;
            case ("discard", var id): _client.Connection.Discard(Guid.Parse(Shorthand.LongId((string)id!))); break;
            case ("advance", var ms): Advance((int)ms!); break;
            case ("live", var run): GoLive(run!, connection); break;
            case ("answer", _): Answer(step); break;
            case ("receive", var events): Receive((int)connection!, Shorthand.Events(events!.AsArray())); break;
            case ("fingerprint", var told): Hub((int)connection!).Tell(OfflineClient.RunId, told!); break;
            case ("drop", var number): Hub((int)number!).Drop(step["error"] is { } error ? new HubException((string?)error) : null, (bool?)step["allowReconnect"]); break;
            case ("requests", var expected): CheckRequests(expected!.AsArray()); break;
            case ("expect", var expected): _witness.Check(expected!.AsObject()); break;
            default: throw new NotSupportedException("No such step.");
        }
    }

    private void Reload(string how)
    {
        End(_client, how);
        (_client, _witness) = NewClient(new SteppedTime(_pump, _client.Time.Elapsed));
    }

    /// <summary>What another page is to a page, another process is to a process. Once it has ended its clock stands still.</summary>
    private void OtherProcess(JsonArray ids, string ends)
    {
        var other = NewBareClient(new SteppedTime(_pump, _client.Time.Elapsed));
        other.Connection.Connect();
        foreach (var id in ids) _ = other.Connection.PublishAsync("FLAG", JsonElement.Parse("""{"stepId":"S"}"""), Guid.Parse(Shorthand.LongId((string)id!)));
        _pump.Settle();
        End(other, ends);
    }

    private void End(OfflineClient client, string how)
    {
        if (how == "orderly")
        {
            client.End();
            client.Dispose();
        }
        else
        {
            client.Connection.Core.ReleaseFile();
            _crashed.Add(client);
        }
    }

    /// <summary>What happens to a page happens to a process by its network.</summary>
    private void Happens(string what)
    {
        if (what == "hide") throw new NotSupportedException("A process is never hidden.");
        _client.Network.Change(what == "online" || (what == "resume" && _client.Network.IsAvailable));
    }

    private void Publish(string id, string eventType, JsonNode? data, long? basedOn)
    {
        var text = (data ?? new JsonObject { ["stepId"] = "S" }).ToJsonString();
        var element = JsonElement.Parse(text);
        _witness.Await(id, () => _client.Connection.PublishAsync(eventType, element, Guid.Parse(Shorthand.LongId(id)), basedOn));
    }

    private void Advance(int ms)
    {
        // In small steps, so that pings are answered while time passes.
        do
        {
            _client.Time.Advance(TimeSpan.FromMilliseconds(Math.Min(ms, 500)));
            AnswerPings();
            ms -= 500;
        }
        while (ms > 0);
    }

    private void GoLive(JsonNode run, int? connection)
    {
        var open = new JsonObject { ["answer"] = "open" };
        var join = new JsonObject { ["answer"] = "JoinRun", ["run"] = run.DeepClone() };
        foreach (var step in new[] { open, join })
        {
            if (connection is { } number) step["connection"] = number;
            Answer(step);
            _pump.Settle();
        }
    }

    private void Answer(JsonObject step)
    {
        var request = _client.Server.Take(r => r.Name == (string?)step["answer"] && ((int?)step["connection"] ?? r.Connection) == r.Connection);
        if (request is null) throw new InvalidOperationException($"Nothing waits for that. Waiting: {string.Join(", ", _client.Server.Waiting.Select(Show))}");
        if (step["fails"] is not null) request.Reject(new IOException("The network failed."));
        else if (step["error"] is { } error) request.Reject(new HubException((string?)error));
        else if (step["page"] is { } page) request.ResolvePage((string)page!);
        else if (step["problem"] is { } problem) AnswerProblem(request, problem.AsObject());
        else request.Resolve(Result(step, request));
    }

    private static void AnswerProblem(Request request, JsonObject problem)
    {
        var status = (HttpStatusCode)(int)problem["status"]!;
        JsonNode body = problem["code"] is { } code
            ? new JsonObject { ["status"] = (int)status, ["code"] = code.DeepClone(), ["detail"] = "No." }
            : "<h1>Bad gateway</h1>";
        if (problem["events"] is JsonArray events) body["events"] = Shorthand.NamedEvents(events);
        request.Resolve(body, status, ((int?)problem["retryAfter"])?.ToString(CultureInfo.InvariantCulture));
    }

    private JsonNode? Result(JsonObject step, Request request)
    {
        switch (request.Name)
        {
            case "open" or "MoveCursor":
                return null;
            case "JoinRun" or "poll":
                var run = Shorthand.Answer(step["run"]?.AsObject());
                Tell(request.Connection, (long)run["lastSequence"]!);
                if (request.Name == "poll") run.Remove("state");
                return run;
            case "state":
                return step["state"] is JsonValue last ? Shorthand.UsualState((long)last) : step["state"]?.DeepClone();
            case "Ping":
                return Pong((long?)step["lastSequence"], step["seen"]);
            case "PublishBatch" or "batch":
                return new JsonArray([.. Published(request).Zip(step["results"]!.AsArray(), (sent, result) => result!["code"] is null
                    ? new JsonObject { ["ack"] = Ack(sent["messageId"], result) }
                    : new JsonObject { ["error"] = Error(result.AsObject()) })]);
            default:
                return Ack(request.Name == "post" ? request.Details[0]!["messageId"] : request.Details[2], step["ack"]);
        }
    }

    private static IEnumerable<JsonNode> Published(Request request) =>
        (request.Name == "batch" ? request.Details[0]!["events"] : request.Details[0])!.AsArray().Select(e => e!);

    private static JsonObject Ack(JsonNode? id, JsonNode? text)
    {
        var ack = new JsonObject
        {
            ["messageId"] = id?.DeepClone() ?? Guid.NewGuid().ToString(),
            ["sequenceNumber"] = null,
            ["timestamp"] = 0,
            ["duplicate"] = false,
        };
        foreach (var (name, value) in text?.AsObject() ?? []) ack[name] = value?.DeepClone();
        return ack;
    }

    private static JsonObject Error(JsonObject text)
    {
        var error = new JsonObject { ["message"] = "No." };
        foreach (var (name, value) in text) error[name] = value?.DeepClone();
        if (text["events"] is JsonArray events) error["events"] = Shorthand.NamedEvents(events);
        return error;
    }

    private static JsonObject Pong(long? last, JsonNode? seen = null)
    {
        var sequences = new JsonObject();
        if (last is { } known) sequences[OfflineClient.RunId.ToString()] = known;
        var pong = new JsonObject { ["clientTimestamp"] = 0, ["serverTimestamp"] = 0, ["lastSequences"] = sequences };
        if (seen is not null) pong["seen"] = new JsonObject { [OfflineClient.RunId.ToString()] = seen.DeepClone() };
        return pong;
    }

    private void Receive(int connection, JsonArray events)
    {
        foreach (var e in events) Tell(connection, (long?)e!["sequenceNumber"] ?? 0);
        Hub(connection).Send(OfflineClient.RunId, events);
    }

    private void Tell(int connection, long last) => _told[connection] = Math.Max(last, _told.GetValueOrDefault(connection));

    private FakeHub Hub(int number) => _client.Server.Hubs[number - 1];

    private void AnswerPings()
    {
        while (!PingsByHand && _client.Server.Take(request => request.Name == "Ping") is { } ping)
        {
            ping.Resolve(Pong(_told.GetValueOrDefault(ping.Connection)));
            _pump.Settle();
        }
    }

    private void CheckRequests(JsonArray expected)
    {
        var asked = _client.Server.TakeAsked().Where(request => request.Name != "Ping" || PingsByHand);
        Xunit.Assert.Equal(expected.Select(text => (string)text!), asked.Select(Show));
    }

    private string Show(Request request)
    {
        List<string> words = [request.Name];
        if (request.Connection > 0) words.Add(request.Connection.ToString(CultureInfo.InvariantCulture));
        words.AddRange(DetailsOf(request).Select(detail => detail?.ToString() ?? "null"));
        if (_scenario["tokens"] is not null && (request.Name == "open" || request.Connection == 0)) words.Add($"t{FakeTokens.IdOf(request.Token)}");
        return string.Join(' ', words);
    }

    private static IEnumerable<object?> DetailsOf(Request request) => request.Name switch
    {
        "Ping" => request.Details.Skip(2).OfType<JsonNode>().Select(seen => $"seen {seen}"),
        "poll" => [request.Details[0], .. request.Details.Skip(1).Select(seen => $"seen {seen}")],
        "Publish" => [request.Details[0], Shorthand.ShortId((string?)request.Details[2])],
        "PublishBatch" or "batch" => Published(request).SelectMany(Shown),
        "post" => Shown(request.Details[0]!),
        _ => request.Details.AsEnumerable<object?>(),
    };

    /// <summary>What is published, and what it is based on.</summary>
    private static IEnumerable<object?> Shown(JsonNode e) =>
        [e["eventType"], Shorthand.ShortId((string?)e["messageId"]), .. e["basedOnSequence"] is { } basedOn ? (string[])[$"@{basedOn}"] : []];
}
