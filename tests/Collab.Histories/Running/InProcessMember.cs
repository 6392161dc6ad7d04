using System.Net.Http.Json;
using System.Text.Json;
using Collab.Histories.Recording;
using static Collab.Histories.Running.Answers;

namespace Collab.Histories.Running;

/// <summary>
/// An application's own code in the servers' process: it publishes there by <c>ICollab</c>, and follows. What it does the application's
/// process is asked for over the network, so that its answers may be lost as the process itself may.
/// </summary>
internal sealed class InProcessMember(MemberPlan plan, Stage stage) : Member(plan, stage)
{
    private readonly HttpClient _http = new() { Timeout = Timeout.InfiniteTimeSpan };
    private readonly Random _random = new(plan.Choice);

    /// <summary>The application is not seen as a user who is there.</summary>
    public override IReadOnlyList<(string Observer, string[] Users)> Observations => [];

    public override async ValueTask DisposeAsync()
    {
        await base.DisposeAsync();
        _http.Dispose();
    }

    protected override async Task FollowAsync()
    {
        while (!Over.IsCancellationRequested)
        {
            try
            {
                var address = AddressAt(_random.Next(Stage.Count), $"?after={Highest}");
                await foreach (var e in _http.GetFromJsonAsAsyncEnumerable<JsonElement>(address, Over.Token))
                    Take([(e.GetProperty("sequenceNumber").GetInt64(), e.GetProperty("messageId").GetGuid())], epoch: null);
            }
            catch (Exception e) when (IsOfTheNetwork(e))
            {
                // It follows again, after what it has.
            }
            if (!Over.IsCancellationRequested) await Task.Delay(_random.Next(50, 500));
        }
    }

    protected override async Task<bool> AttemptAsync(Sent[] events, bool isBatch, bool atomic, int turn, int choice)
    {
        // Several are published together, or each by itself.
        if (isBatch && !atomic)
        {
            foreach (var e in events)
            {
                if (!await AttemptAsync([e], isBatch: false, atomic: false, turn, choice)) return false;
            }
            return true;
        }
        var server = (choice / 3 + turn) % Stage.Count;
        var (id, start) = (Stage.Recorder.NextId(), Stage.Recorder.Now);
        Told[] told = [];
        try
        {
            // What an application has looked at it has looked at once for all of them.
            var body = new { userId = Plan.User, list = events, together = isBatch, basedOn = events[0].BasedOn };
            using var answer = await _http.PostAsJsonAsync(AddressAt(server, ""), body).WaitAsync(AttemptTime);
            var json = await answer.Content.ReadFromJsonAsync<JsonElement>().WaitAsync(AttemptTime);
            if (answer.IsSuccessStatusCode) told = ToldOf(json, events);
            else if (json.TryGetProperty("code", out var code)) told = Refused(events, code.GetString()!);
        }
        catch (Exception e) when (IsOfTheNetwork(e))
        {
            // Stored or not: that is what a repeat finds out.
        }
        return Record(new(id, Plan.Name, Plan.User, null, "in-process", server, Stage.RunId, start, Stage.Recorder.Now, events, told, atomic));
    }

    private Uri AddressAt(int server, string query) => new(Stage.Servers[server], $"in-process/{Stage.RunId}{query}");
}
