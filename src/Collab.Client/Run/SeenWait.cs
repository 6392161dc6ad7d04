namespace Collab.Client;

/// <summary>One wait for users to see an event, looked at with each snapshot. Used from turns only.</summary>
/// <param name="sequence">The event's number.</param>
/// <param name="users">Whom to wait for; null: all others who are there.</param>
internal sealed class SeenWait(long sequence, IEnumerable<string>? users)
{
    private readonly HashSet<string>? _awaited = users?.ToHashSet(StringComparer.Ordinal);
    private readonly TaskCompletionSource _end = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private CancellationTokenRegistration _stop;
    private Guid? _epoch;

    /// <summary>Completes when all have seen it.</summary>
    public Task Task => _end.Task;

    /// <summary>Ends it when the caller does not want to wait any more.</summary>
    /// <param name="stopped">Told that it does.</param>
    /// <param name="cancellationToken">Says so.</param>
    public void StopBy(Action stopped, CancellationToken cancellationToken) =>
        _stop = cancellationToken.UnsafeRegister(_ => stopped(), null);

    /// <summary>The caller does not want to wait any more.</summary>
    public void Cancel(CancellationToken cancellationToken) => End(() => _end.TrySetCanceled(cancellationToken));

    /// <summary>There is nothing to wait for any more.</summary>
    public void Fail(ConnectionClosedException reason) => End(() => _end.TrySetException(reason));

    /// <summary>Ends it if all have seen the event, or none will.</summary>
    public void Look(RunSnapshot now)
    {
        if (now.Connection is ConnectionState.Closed) Fail(new ConnectionClosedException());
        // Before the first answer it is not known who is there.
        if (now.Epoch is not { } epoch) return;
        if (epoch != (_epoch ??= epoch))
            Fail(new ConnectionClosedException("The run was erased and begun again: its numbers are other events now."));
        else if (HasBeenSeen(now)) End(() => _end.TrySetResult());
    }

    private bool HasBeenSeen(RunSnapshot now)
    {
        if (_awaited is null) return now.LastSequence >= sequence && now.ActiveUsers.All(user => user == now.UserId || HasSeen(user));
        // Who has seen it has seen it, gone since or not.
        _awaited.RemoveWhere(HasSeen);
        return _awaited.Count == 0;

        bool HasSeen(string user) =>
            (user == now.UserId ? now.LastSequence : now.Seen.TryGetValue(user, out var seen) ? seen : 0) >= sequence;
    }

    private void End(Action how)
    {
        _stop.Unregister();
        how();
    }
}
