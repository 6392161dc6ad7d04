using Collab.Protocol;
using Collab.TestKit;
using Microsoft.AspNetCore.SignalR;

namespace Collab.IntegrationTests.RunLog;

/// <summary>What became of a publish. Neither an acknowledgement nor a refusal: the connection ended before the answer.</summary>
internal sealed record Outcome(PublishAck? Ack, string? Refusal);

/// <summary>A publish, and its end.</summary>
internal sealed record Publication(Guid RunId, Guid MessageId, Task<Outcome> Ending)
{
    /// <summary>What became of it; only to be asked when its sender has ended.</summary>
    public Outcome Outcome => Ending.Result;
}

/// <summary>A connection that publishes to one run without waiting, a window of publishes at a time.</summary>
internal sealed class Sender(HubClient client, Guid runId, Arrivals<Outcome> outcomes)
{
    private const int Window = 64;
    private readonly List<Publication> _sent = [];

    /// <summary>Everything sent, in order; complete when <see cref="RunAsync"/> has ended.</summary>
    public IReadOnlyList<Publication> Sent => _sent;

    public Guid RunId => runId;

    /// <summary>What was acknowledged.</summary>
    public IEnumerable<PublishAck> Acknowledged => _sent.Select(p => p.Outcome.Ack).OfType<PublishAck>();

    /// <summary>Goes on until told to stop or until the connection ends, and then until everything sent has ended.</summary>
    public async Task RunAsync(CancellationToken stop = default)
    {
        using var window = new SemaphoreSlim(Window);
        while (!stop.IsCancellationRequested && !client.Closed.IsCompleted)
        {
            await window.WaitAsync(CancellationToken.None);
            Send(Guid.CreateVersion7(), window);
        }
        await EndAsync();
    }

    /// <summary>Sends given messages in order, and waits until all have ended.</summary>
    public async Task SendAsync(IEnumerable<Guid> messageIds)
    {
        using var window = new SemaphoreSlim(Window);
        foreach (var messageId in messageIds)
        {
            await window.WaitAsync();
            Send(messageId, window);
        }
        await EndAsync();
    }

    private void Send(Guid messageId, SemaphoreSlim window) => _sent.Add(new(runId, messageId, PublishAsync(messageId, window)));

    private Task EndAsync() => Task.WhenAll(_sent.Select(p => p.Ending));

    private async Task<Outcome> PublishAsync(Guid messageId, SemaphoreSlim window)
    {
        var outcome = await OutcomeOf(client.GraftAsync(runId, messageId: messageId));
        outcomes.Add(outcome);
        window.Release();
        return outcome;
    }

    private static async Task<Outcome> OutcomeOf(Task<PublishAck> publish)
    {
        try
        {
            return new(await publish, Refusal: null);
        }
        catch (HubException e)
        {
            return new(Ack: null, e.Message);
        }
        catch (Exception e) when (e is not TimeoutException)
        {
            return new(Ack: null, Refusal: null);
        }
    }
}
