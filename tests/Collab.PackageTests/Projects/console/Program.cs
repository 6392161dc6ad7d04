using System.Text.Json;
using System.Text.Json.Serialization;
using Collab.Client;
using Collab.Protocol;
using Microsoft.Extensions.DependencyInjection;

// address, run, user, form of the messages: joins, grafts, and shows what comes until "by-the-tool" was grafted.
var (address, runId, user, protocol) = (new Uri(args[0]), Guid.Parse(args[1]), args[2], Enum.Parse<HubProtocol>(args[3]));
using var http = new HttpClient { BaseAddress = address };

var services = new ServiceCollection();
services.AddCollabClient(options =>
{
    options.BaseAddress = address;
    options.Protocol = protocol;
    options.Token = async stop =>
    {
        var answer = await http.GetStringAsync(new Uri($"dev/token?user={user}", UriKind.Relative), stop);
        return JsonSerializer.Deserialize(answer, CollabJson.Default.DevToken)!.Token;
    };
    options.AddState("progress", new Progress(0), (before, e) => before with { Seen = before.Seen + 1 }, OwnJson.Default.Progress);
});
await using var provider = services.BuildServiceProvider();
await using var run = await provider.GetRequiredService<CollabClient>().ConnectAsync(runId);

await run.GraftAsync("ARCHITECT", $"by-{user}");
await foreach (var e in run.ReadEventsAsync())
{
    if (e.EventType != EventTypes.Graft) continue;
    var graft = e.As(CollabJson.Default.Graft);
    Console.WriteLine($"{user} saw #{e.SequenceNumber} {e.EventType} {graft.AgentName} by {e.UserId}");
    if (graft.AgentName == "by-the-tool") break;
}
// The event is told first, and the snapshot has it then. What was there before the join is not counted: the server has no such state.
var snapshot = await run.WaitForAsync(s => s.State.AsOfSequence == 3 && s.State.Get("progress", OwnJson.Default.Progress)?.Seen > 0);
Console.WriteLine($"{user} is done: 3 events, {snapshot.State.Grafts.Count} grafts");

internal sealed record Progress(int Seen);

[JsonSerializable(typeof(Progress))]
[JsonSourceGenerationOptions(JsonSerializerDefaults.Web)]
internal sealed partial class OwnJson : JsonSerializerContext;
