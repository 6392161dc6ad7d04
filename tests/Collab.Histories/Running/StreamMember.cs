using System.Text.Json;
using Collab.Histories.Recording;
using static Collab.Histories.Running.Answers;

namespace Collab.Histories.Running;

/// <summary>Follows a run's server-sent events, and opens the stream again where it ended, at any server.</summary>
internal sealed class StreamMember(MemberPlan plan, Stage stage) : Member(plan, stage)
{
    private readonly Random _random = new(plan.Choice);

    /// <summary>It is shown no list of users to begin with.</summary>
    public override IReadOnlyList<(string Observer, string[] Users)> Observations => [];

    protected override Task<bool> AttemptAsync(Sent[] events, bool isBatch, bool atomic, int turn, int choice) => Task.FromResult(true);

    protected override async Task FollowAsync()
    {
        while (!Over.IsCancellationRequested)
        {
            try
            {
                var (after, epoch) = (Highest, (Guid?)null);
                await foreach (var item in ApiOf(_random.Next(Stage.Count)).StreamAsync(Stage.RunId, after, Over.Token))
                {
                    if (item.Type == "run" && JsonElement.Parse(item.Data) is var start)
                    {
                        epoch = start.GetProperty("epoch").GetGuid();
                        // Another log: what follows begins where the one before was.
                        if (Enter(epoch.Value) && after > 0) break;
                        if (start.GetProperty("truncated").GetBoolean()) Skip(after + 1, start.GetProperty("oldestSequence").GetInt64() - 1);
                    }
                    if (item.Id is not null && item.ToEvent() is { SequenceNumber: { } number } e) Take([(number, e.MessageId)], epoch);
                }
            }
            catch (Exception e) when (IsOfTheNetwork(e))
            {
                // It opens it again.
            }
            if (!Over.IsCancellationRequested) await Task.Delay(_random.Next(50, 500));
        }
    }
}
