using Collab.Histories.Recording;
using Npgsql;
using static Collab.Histories.Running.Answers;

namespace Collab.Histories.Running;

/// <summary>
/// An application that knows nothing of Collab but its table: it inserts events into the outbox, one transaction after the other, and
/// commits most of them. It follows nothing.
/// </summary>
internal sealed class OutboxMember(MemberPlan plan, Stage stage) : Member(plan, stage)
{
    private const string Insert =
        "INSERT INTO collaboration_outbox (run_id, event_type, data, message_id, user_id) VALUES ($1, $2, $3::jsonb, $4, $5)";

    private readonly SemaphoreSlim _oneAtATime = new(1);

    public override IReadOnlyList<(string Observer, string[] Users)> Observations => [];

    public override bool HasAll(long last, Guid? epoch) => true;

    public override async ValueTask DisposeAsync()
    {
        await base.DisposeAsync();
        _oneAtATime.Dispose();
    }

    protected override Task FollowAsync() => Task.CompletedTask;

    protected override async Task<bool> AttemptAsync(Sent[] events, bool isBatch, bool atomic, int turn, int choice)
    {
        await _oneAtATime.WaitAsync();
        var (id, start) = (Stage.Recorder.NextId(), Stage.Recorder.Now);
        // Until it asks for the commit it knows that there was none.
        bool? isCommitted = false;
        try
        {
            await using var connection = Stage.Servers.Connect();
            await connection.OpenAsync();
            await using var transaction = await connection.BeginTransactionAsync();
            foreach (var e in events)
            {
                await using var insert = new NpgsqlCommand(Insert, connection, transaction);
                foreach (var value in (object[])[Stage.RunId, e.EventType, e.Data.GetRawText(), e.MessageId, Plan.User]) insert.Parameters.Add(new() { Value = value });
                await insert.ExecuteNonQueryAsync();
            }
            if (choice % 5 == 0)
            {
                await transaction.RollbackAsync();
            }
            else
            {
                isCommitted = null;
                await transaction.CommitAsync();
                isCommitted = true;
            }
        }
        catch (Exception e) when (e is NpgsqlException || IsOfTheNetwork(e))
        {
            // Committed or not: all of it or nothing.
        }
        finally
        {
            _oneAtATime.Release();
        }
        Stage.Recorder.Add(new Transaction(id, Plan.Name, Plan.User, Stage.RunId, start, Stage.Recorder.Now, events, isCommitted));
        return true;
    }
}
