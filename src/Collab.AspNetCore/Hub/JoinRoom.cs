using Collab.AspNetCore.Limits;
using Microsoft.AspNetCore.SignalR;

namespace Collab.AspNetCore.Hub;

/// <summary>
/// Room for a connection's answers to joins. They are made and sent one at a time, and all connections share what the server has of it
/// (<see cref="LimitOptions.AnswerBytes"/>), so that however many join and do not read, their answers take no more memory than that.
/// </summary>
internal sealed class JoinRoom(Budget answers, HubConnectionContext connection)
{
    /// <summary>About how much of a run's events an answer has, in bytes; the others follow it.</summary>
    public const int EventBytes = 256 * 1024;

    private readonly Lock _gate = new();
    private Task _before = Task.CompletedTask;

    /// <summary>Waits until there is room; it is given back when the answer was sent, or the connection ends.</summary>
    /// <exception cref="Refusals.RefusedException"><c>overloaded</c>.</exception>
    public async ValueTask<IDisposable> TakeAsync(long bytes)
    {
        var sent = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        Task before;
        lock (_gate) (before, _before) = (_before, sent.Task);
        try
        {
            await before.WaitAsync(connection.ConnectionAborted);
            return new Answer(sent, await answers.TakeAsync(bytes, connection.ConnectionAborted), connection.ConnectionAborted);
        }
        catch
        {
            sent.SetResult();
            throw;
        }
    }

    private sealed class Answer : IDisposable
    {
        private readonly TaskCompletionSource _sent;
        private readonly IDisposable _room;
        private readonly CancellationTokenRegistration _ended;

        public Answer(TaskCompletionSource sent, IDisposable room, CancellationToken aborted)
        {
            (_sent, _room) = (sent, room);
            // SignalR writes nothing to a connection that is aborted, so nothing else would give the room back.
            _ended = aborted.UnsafeRegister(static answer => ((Answer)answer!).GiveBack(), this);
        }

        public void Dispose()
        {
            _ended.Unregister();
            GiveBack();
        }

        private void GiveBack()
        {
            _room.Dispose();
            _sent.TrySetResult();
        }
    }
}
