using System.IO.Pipelines;
using Collab.AspNetCore.RunLog;

namespace Collab.AspNetCore.Hub;

/// <summary>
/// What a hub connection sends, which is not read on for a while if the server has too much of it already (<see cref="Backpressure"/>).
/// </summary>
/// <param name="input">Where it comes from.</param>
/// <param name="flow">What of it is on its way.</param>
/// <param name="backpressure">Says when it is read on.</param>
internal sealed class HubInput(PipeReader input, ConnectionFlow flow, Backpressure backpressure) : PipeReader
{
    public override ValueTask<ReadResult> ReadAsync(CancellationToken cancellationToken = default)
    {
        var turn = backpressure.Enter(flow);
        return turn.IsCompleted ? input.ReadAsync(cancellationToken) : ReadInTurnAsync(turn, cancellationToken);
    }

    public override bool TryRead(out ReadResult result) => input.TryRead(out result);

    public override void AdvanceTo(SequencePosition consumed) => input.AdvanceTo(consumed);

    public override void AdvanceTo(SequencePosition consumed, SequencePosition examined) => input.AdvanceTo(consumed, examined);

    public override void CancelPendingRead()
    {
        input.CancelPendingRead();
        backpressure.Leave(flow);
    }

    public override void Complete(Exception? exception = null)
    {
        backpressure.Leave(flow);
        input.Complete(exception);
    }

    private async ValueTask<ReadResult> ReadInTurnAsync(Task turn, CancellationToken cancellationToken)
    {
        await turn.WaitAsync(cancellationToken);
        var read = input.ReadAsync(cancellationToken);
        if (!read.IsCompleted) backpressure.Leave(flow);
        return await read;
    }
}
