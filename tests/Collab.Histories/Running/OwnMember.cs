using Collab.Client;
using Collab.Histories.Recording;
using Collab.Protocol;
using static Collab.Histories.Running.Answers;

namespace Collab.Histories.Running;

/// <summary><c>CollabClient</c>, which queues, repeats, polls and comes back by itself.</summary>
internal sealed class OwnMember : Member
{
    private readonly CollabClient _client;
    private RunConnection? _run;

    public OwnMember(MemberPlan plan, Stage stage)
        : base(plan, stage) => _client = new(new()
        {
            BaseAddress = stage.Servers.Anywhere,
            Token = _ => ValueTask.FromResult(Token),
            Protocol = plan.Kind == MemberKind.ClientMessagePack ? HubProtocol.MessagePack : HubProtocol.Json,
            MaxUnread = 100_000,
            FallbackAfter = 3,
            PollInterval = TimeSpan.FromMilliseconds(500),
            Backoff = attempt => TimeSpan.FromMilliseconds(100 * Math.Min(attempt + 1, 10)),
        });

    public override IReadOnlyList<(string Observer, string[] Users)> Observations => [(Plan.Name, [.. _run!.Snapshot.ActiveUsers])];

    protected override Guid? Epoch => _run!.Snapshot.Epoch;

    protected override bool IsGivenEachOnce => true;

    public override async ValueTask DisposeAsync()
    {
        await _client.DisposeAsync();
        await base.DisposeAsync();
    }

    protected override async Task FollowAsync()
    {
        _run = _client.Open(Stage.RunId, connect: false);
        var reading = ReadAsync(_run);
        _run.Connect();
        await reading;
    }

    protected override async Task<bool> AttemptAsync(Sent[] events, bool isBatch, bool atomic, int turn, int choice)
    {
        // It makes batches itself, of what waits.
        var sent = events.Select(SendAsync).ToArray();
        await Task.WhenAll(sent);
        return true;
    }

    protected override void MoveCursor(string? nodeId) => _run!.MoveCursor(nodeId);

    private async Task SendAsync(Sent e)
    {
        var (id, start) = (Stage.Recorder.NextId(), Stage.Recorder.Now);
        Told[] told = [];
        try
        {
            var ack = await _run!.PublishAsync(e.EventType, e.Data, e.MessageId, e.BasedOn).WaitAsync(Collab.TestKit.Patience.Process);
            told = [new(ack.MessageId, ack.SequenceNumber, ack.Duplicate)];
        }
        catch (CollabException refusal) when (refusal.Code is { } code)
        {
            told = [new(e.MessageId, null, Duplicate: false, code.ToWire())];
        }
        catch (Exception failure) when (IsOfTheNetwork(failure) || failure is CollabException)
        {
            // Its outcome is not known.
        }
        Record(new(id, Plan.Name, Plan.User, Plan.Name, "client", null, Stage.RunId, start, Stage.Recorder.Now, [e], told, Repeats: true));
    }

    private async Task ReadAsync(RunConnection run)
    {
        await foreach (var e in run.ReadEventsAsync())
        {
            if (e.SequenceNumber is not { } number) continue;
            // This is how it says that events are gone; its snapshot says so too, a moment later.
            if (number > Highest + 1 && Stage.Servers.Keep > 0) Skip(Highest + 1, number - 1);
            Take([(number, e.MessageId)], epoch: null);
        }
    }
}
