using Collab.TestKit;

namespace Collab.Hostile.Inputs;

/// <summary>A user who publishes and one who follows, in a run of their own, while others try what they can: they notice nothing.</summary>
internal sealed class Innocent : IAsyncDisposable
{
    private const int PauseMs = 5;

    private readonly HubClient _publisher, _follower;
    private readonly CancellationTokenSource _end = new();
    private readonly List<string> _troubles = [];
    private readonly Task _publishing;
    private long _published;

    private Innocent(Guid run, HubClient publisher, HubClient follower)
    {
        (Run, _publisher, _follower) = (run, publisher, follower);
        _publishing = Task.Run(PublishAsync);
    }

    public Guid Run { get; }

    public long Published => Volatile.Read(ref _published);

    /// <param name="server">Where the publisher is.</param>
    /// <param name="other">Where the follower is.</param>
    /// <param name="run">Their run.</param>
    public static async Task<Innocent> StartAsync(Uri server, Uri other, Guid run)
    {
        var publisher = await HubClient.ConnectAsync(server, TestTokens.Create("innocent"));
        var follower = await HubClient.ConnectAsync(other, TestTokens.Create("bystander"));
        await follower.JoinAsync(run);
        return new(run, publisher, follower);
    }

    /// <summary>Stops publishing.</summary>
    /// <returns>What the two have noticed.</returns>
    public async Task<IReadOnlyList<string>> EndAsync()
    {
        await _end.CancelAsync();
        await _publishing;
        try
        {
            if (Published > 0) await _follower.WaitForSequenceAsync(Run, Published);
        }
        catch (Exception e)
        {
            _troubles.Add($"the bystander did not get all {Published} events: {e.Message}");
        }
        var events = _follower.Events.All.Where(e => e.IsCritical).ToArray();
        if (!events.Select(e => e.SequenceNumber ?? 0).SequenceEqual(Enumerable.Range(1, (int)Published).Select(n => (long)n)))
            _troubles.Add($"the bystander got {events.Length} of {Published} events, not each once and in order");
        if (_follower.Events.All.FirstOrDefault(e => e.UserId is not ("innocent" or "bystander")) is { } foreign)
            _troubles.Add($"the bystander saw {foreign.EventType} of {foreign.UserId}");
        return _troubles;
    }

    public async ValueTask DisposeAsync()
    {
        await _end.CancelAsync();
        await _publishing;
        await _publisher.DisposeAsync();
        await _follower.DisposeAsync();
        _end.Dispose();
    }

    private async Task PublishAsync()
    {
        while (!_end.IsCancellationRequested)
        {
            try
            {
                var ack = await _publisher.GraftAsync(Run);
                if (ack.SequenceNumber != ++_published) _troubles.Add($"publish {_published} got the number {ack.SequenceNumber}");
            }
            catch (Exception e)
            {
                _troubles.Add($"a publish failed after {_published}: {e.Message}");
                return;
            }
            await Task.Delay(PauseMs);
        }
    }
}
