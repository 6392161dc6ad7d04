using System.Globalization;
using System.Text.Json;
using System.Text.RegularExpressions;
using Collab.Histories.Recording;
using Collab.TestKit;
using MessagePack;
using Microsoft.AspNetCore.Http.Connections;
using Microsoft.AspNetCore.SignalR;
using Microsoft.AspNetCore.SignalR.Client;
using Microsoft.Extensions.DependencyInjection;
using static Collab.Histories.Running.Answers;

namespace Collab.Histories.Running;

/// <summary>
/// SignalR's own client with either protocol, as an application without Collab's client writes it: when its connection ends it goes to any
/// server, and joins after what it has. Events whose outcome it does not know it repeats, there or by HTTP.
/// </summary>
internal sealed partial class HubMember(MemberPlan plan, Stage stage) : Member(plan, stage)
{
    private readonly Random _random = new(plan.Choice);
    private volatile Link? _link;
    private int _links;

    private bool IsMessagePack => Plan.Kind == MemberKind.HubMessagePack;

    protected override async Task<bool> AttemptAsync(Sent[] events, bool isBatch, bool atomic, int turn, int choice)
    {
        // What a broken connection left open is also asked for elsewhere, by HTTP.
        if (_link is not { } link || (turn > 0 && choice % 3 == 0)) return await AttemptByHttpAsync(events, isBatch, atomic, choice / 3 % Stage.Count);

        var (id, start) = (Stage.Recorder.NextId(), Stage.Recorder.Now);
        Told[] told = [];
        try
        {
            // What it is based on has a place in a batch only.
            var answer = isBatch || events[0].BasedOn is not null
                ? link.CallAsync("PublishBatch", $"{Stage.RunId}", events.Select(BatchItem).ToArray(), atomic)
                : link.CallAsync("Publish", $"{Stage.RunId}", events[0].EventType, Plain(events[0].Data), $"{events[0].MessageId}");
            told = ToldOf(await answer.WaitAsync(AttemptTime), events);
        }
        catch (HubException e) when (Code().Match(e.Message) is { Success: true } code)
        {
            told = Refused(events, code.Groups["code"].Value);
        }
        catch (Exception e) when (IsOfTheNetwork(e) || e is HubException)
        {
            // Stored or not: that is what a repeat finds out.
        }
        return Record(new(
            id, Plan.Name, Plan.User, link.Name, IsMessagePack ? "hub-messagepack" : "hub-json", link.Server, Stage.RunId, start,
            Stage.Recorder.Now, events, told, atomic));
    }

    protected override void MoveCursor(string? nodeId) => _ = _link?.SendAsync("MoveCursor", $"{Stage.RunId}", nodeId);

    protected override async Task FollowAsync()
    {
        while (!Over.IsCancellationRequested)
        {
            var server = _random.Next(Stage.Count);
            await using var link = new Link(this, server, string.Create(CultureInfo.InvariantCulture, $"{Plan.Name}#{++_links}"));
            try
            {
                await link.OpenAsync();
                _link = link;
                await link.Ended.WaitAsync(Over.Token);
            }
            catch (Exception e) when (IsOfTheNetwork(e) || e is HubException)
            {
                // It tries another one.
            }
            _link = null;
            if (!Over.IsCancellationRequested) await Task.Delay(_random.Next(50, 500));
        }
    }

    private static Dictionary<string, object?> BatchItem(Sent e) => new()
    {
        ["eventType"] = e.EventType,
        ["data"] = Plain(e.Data),
        ["messageId"] = $"{e.MessageId}",
        ["basedOnSequence"] = e.BasedOn,
    };

    private static Dictionary<string, object?> Plain(JsonElement data) => data.EnumerateObject().ToDictionary(
        field => field.Name,
        field => field.Value.ValueKind switch
        {
            JsonValueKind.String => (object?)field.Value.GetString(),
            JsonValueKind.True or JsonValueKind.False => field.Value.GetBoolean(),
            _ => null,
        });

    [GeneratedRegex(@"\[(?<code>[a-z_]+)\]", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Code();

    /// <summary>One connection, from its begin to its end.</summary>
    private sealed class Link : IAsyncDisposable
    {
        private readonly HubMember _member;
        private readonly HubConnection _connection;
        private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private readonly Lock _gate = new();

        /// <summary>What comes before the answer to the join: it belongs after it.</summary>
        private List<JsonElement>? _early = [];

        /// <summary>The log that its events are of: it ends with it.</summary>
        private Guid _epoch;

        public Link(HubMember member, int server, string name)
        {
            (_member, Server, Name) = (member, server, name);
            var builder = new HubConnectionBuilder().WithUrl(HubClient.HubOf(member.Stage.Servers[server]), HttpTransportType.WebSockets, http =>
            {
                http.SkipNegotiation = true;
                http.AccessTokenProvider = () => Task.FromResult<string?>(member.Token);
            });
            if (member.IsMessagePack) builder.AddMessagePackProtocol();
            _connection = builder.Build();
            if (member.IsMessagePack) _connection.On<string, object[]>("ReceiveEvents", (_, events) => Came([.. events.Select(Json)]));
            else _connection.On<string, JsonElement[]>("ReceiveEvents", (_, events) => Came(events));
            _connection.Closed += _ =>
            {
                _ended.TrySetResult();
                return Task.CompletedTask;
            };
        }

        public string Name { get; }

        public int Server { get; }

        public Task Ended => _ended.Task;

        public async Task OpenAsync()
        {
            using var timeout = new CancellationTokenSource(AttemptTime);
            await _connection.StartAsync(timeout.Token);
            var recorder = _member.Stage.Recorder;
            while (true)
            {
                var (id, start, after) = (recorder.NextId(), recorder.Now, _member.Highest);
                var answer = await CallAsync("JoinRun", $"{_member.Stage.RunId}", after).WaitAsync(AttemptTime);
                lock (_gate)
                {
                    // The end of another log: again, from its start.
                    if (!_member.TakeAnswer(id, "join", Server, start, after, answer)) continue;
                    _epoch = answer.GetProperty("epoch").GetGuid();
                    foreach (var e in _early!) Take(e);
                    _early = null;
                    return;
                }
            }
        }

        public async Task<JsonElement> CallAsync(string method, params object?[] arguments) => _member.IsMessagePack
            ? Json(await _connection.InvokeCoreAsync<object?>(method, arguments))
            : await _connection.InvokeCoreAsync<JsonElement>(method, arguments);

        public async Task SendAsync(string method, params object?[] arguments)
        {
            try
            {
                await _connection.SendCoreAsync(method, arguments);
            }
            catch (Exception e) when (IsOfTheNetwork(e))
            {
                // Cursors may be lost.
            }
        }

        public ValueTask DisposeAsync() => _connection.DisposeAsync();

        private static JsonElement Json(object? value) => JsonElement.Parse(MessagePackSerializer.ConvertToJson(MessagePackSerializer.Serialize(value)));

        private void Came(JsonElement[] events)
        {
            lock (_gate)
            {
                if (_early is not null) _early.AddRange(events);
                else foreach (var e in events) Take(e);
            }
        }

        private void Take(JsonElement e)
        {
            var type = e.GetProperty("eventType").GetString();
            if (type is "USER_JOIN" or "USER_LEAVE") _member.Came(e.GetProperty("userId").GetString()!, type == "USER_JOIN");
            else if (e.TryGetProperty("sequenceNumber", out var number) && number.ValueKind == JsonValueKind.Number)
                _member.Take([(number.GetInt64(), e.GetProperty("messageId").GetGuid())], _epoch);
        }
    }
}
