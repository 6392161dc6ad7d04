using System.Buffers;
using System.Diagnostics.CodeAnalysis;
using Collab.AspNetCore.Refusals;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.SignalR;
using Microsoft.AspNetCore.SignalR.Protocol;

namespace Collab.AspNetCore.Hub;

/// <summary>
/// A protocol of SignalR's with three things that only a protocol can do: a call whose arguments do not fit gets our error code, a refusal
/// starts with its code, and a join's answer is written before the first event that follows it. Other hubs of the application see no
/// difference.
/// </summary>
internal sealed class CollabHubProtocol(IHubProtocol protocol) : IHubProtocol
{
    public string Name => protocol.Name;

    public int Version => protocol.Version;

    public TransferFormat TransferFormat => protocol.TransferFormat;

    public bool IsVersionSupported(int version) => protocol.IsVersionSupported(version);

    public ReadOnlyMemory<byte> GetMessageBytes(HubMessage message) => protocol.GetMessageBytes(message);

    public bool TryParseMessage(ref ReadOnlySequence<byte> input, IInvocationBinder binder, [NotNullWhen(true)] out HubMessage? message)
    {
        var whole = input;
        try
        {
            if (!protocol.TryParseMessage(ref input, binder, out message)) return false;
        }
        catch (InvalidDataException) when (IsOurHub(binder) && NestedCall.TryFind(whole, out var id, out var target))
        {
            // SignalR has taken the message off the input before it read it.
            message = new InvocationMessage(id, nameof(CollaborationHub.RefuseCall), [target, "The call is nested too deeply."]);
            return true;
        }
        if (message is InvocationBindingFailureMessage failure && IsOurHub(binder))
        {
            message = new InvocationMessage(
                failure.InvocationId, nameof(CollaborationHub.RefuseCall),
                [failure.Target, $"{failure.Target}: {failure.BindingFailure.SourceException.Message}"]);
        }
        if (message is InvocationMessage { InvocationId: null } call
            && call.Target.Equals(nameof(CollaborationHub.JoinRun), StringComparison.OrdinalIgnoreCase) && IsOurHub(binder))
            message = new InvocationMessage(null, nameof(CollaborationHub.JoinRunUnanswered), call.Arguments);
        return true;
    }

    public void WriteMessage(HubMessage message, IBufferWriter<byte> output)
    {
        if (message is FrameMessage frame)
        {
            if (output is HubOutput wire) wire.Take(frame);
            else frame.CopyTo(output);
            return;
        }
        protocol.WriteMessage(WithRefusal(message), output);
        if (message is not CompletionMessage { Result: JoinAnswer answer }) return;
        if (output is AnswerOutput answers) answers.Give(answer.Room);
        else answer.Room.Dispose();
        // SignalR holds the connection's write lock here: what the subscriber writes now comes after this answer.
        answer.Subscriber.AnswerIsWritten();
    }

    /// <summary>A refusal that <see cref="RefusalFilter"/> made a result of becomes an error that starts with its code.</summary>
    private static HubMessage WithRefusal(HubMessage message) =>
        message is CompletionMessage { Result: RefusedException refused, InvocationId: { } id }
            ? CompletionMessage.WithError(id, refused.Message)
            : message;

    private static bool IsOurHub(IInvocationBinder binder)
    {
        try
        {
            return binder.GetParameterTypes(nameof(CollaborationHub.RefuseCall)).Count == 2;
        }
        catch (HubException)
        {
            return false;
        }
    }
}
