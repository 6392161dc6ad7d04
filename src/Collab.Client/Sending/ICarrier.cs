using Collab.Protocol;

namespace Collab.Client;

/// <summary>What takes sends to the server: the hub, or HTTP.</summary>
internal interface ICarrier
{
    /// <summary>Between two cursor moves, at least.</summary>
    TimeSpan CursorInterval { get; }

    /// <summary>
    /// Publishes sends in their order, as this user and nobody else: the first one, and those that go with it in one batch. Throws a
    /// <see cref="CollabException"/> where the server refused the first one or the whole batch, and a <see cref="NoAnswerException"/>
    /// where nobody knows what became of them.
    /// </summary>
    /// <returns>What became of each.</returns>
    Task<IReadOnlyList<PublishResult>> PublishAsync(IReadOnlyList<PendingSend> sends, string userId);

    /// <summary>Tells where the user's focus is; if that fails, nobody minds.</summary>
    Task MoveCursorAsync(string? nodeId);
}
