using System.Buffers;
using System.Diagnostics.CodeAnalysis;
using Collab.AspNetCore.Refusals;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.SignalR;
using Microsoft.AspNetCore.SignalR.Protocol;

namespace Collab.AspNetCore.Hub;

/// <summary>
/// A protocol of SignalR's with what only a protocol can do: a call that cannot be made gets our error code, a refusal starts with its
/// code, a message of a type that does not exist yet is passed over, and a join's answer is written before the first event that follows it.
/// Other hubs of the application see no difference.
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
            if (!protocol.TryParseMessage(ref input, binder, out message))
            {
                if (input.Length == whole.Length) return false;
                // It was taken off the input, and means nothing. SignalR would wait for the rest of it, and read nothing else any more.
                message = PingMessage.Instance;
            }
        }
        catch (InvalidDataException) when (IsOurHub(binder) && NestedCall.TryFind(whole, out var id, out var target))
        {
            // SignalR has taken the message off the input before it read it.
            message = new InvocationMessage(id, nameof(CollaborationHub.RefuseCall), [target, "The call is nested too deeply."]);
            return true;
        }
        if (InsteadOf(message) is { } ours && IsOurHub(binder)) message = ours;
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

    /// <summary>
    /// What is called in place of a call that SignalR would refuse without a code, and of a join that wants no answer. Null: the call
    /// itself.
    /// </summary>
    private static InvocationMessage? InsteadOf(HubMessage message)
    {
        if (message is InvocationBindingFailureMessage failure)
            return Refuse(failure.InvocationId, failure.Target, failure.BindingFailure.SourceException.Message);
        if (message is not HubMethodInvocationMessage call) return null;
        if (call is StreamInvocationMessage || call.StreamIds is { Length: > 0 })
            return Refuse(call.InvocationId, call.Target, "No method takes or returns a stream.");
        var isUnansweredJoin = call.InvocationId is null
            && call.Target.Equals(nameof(CollaborationHub.JoinRun), StringComparison.OrdinalIgnoreCase);
        return isUnansweredJoin ? new(null, nameof(CollaborationHub.JoinRunUnanswered), call.Arguments) : null;
    }

    private static InvocationMessage Refuse(string? id, string? target, string reason) =>
        new(id, nameof(CollaborationHub.RefuseCall), [target, $"{target}: {reason}"]);

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
