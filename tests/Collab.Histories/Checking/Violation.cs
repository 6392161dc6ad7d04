namespace Collab.Histories.Checking;

/// <summary>What a history must not show.</summary>
internal enum Rule
{
    /// <summary>Durable: an acknowledged event is not in the log.</summary>
    AcknowledgedIsLost,

    /// <summary>Durable: an event that a client was shown is not in the log.</summary>
    SeenIsLost,

    /// <summary>Durable: an event was refused for good, and is in the log.</summary>
    RefusedIsStored,

    /// <summary>Durable: an event is in the log that no client sent, or that says something else.</summary>
    NotAsSent,

    /// <summary>One order: the log's numbers are not 1, 2, 3, ….</summary>
    Numbering,

    /// <summary>One order: a number stands for another event than in the log.</summary>
    OtherOrder,

    /// <summary>One order: of two events that one connection sent the later one came first.</summary>
    ConnectionOrder,

    /// <summary>One order: an event was sent after another was acknowledged, and has the smaller number.</summary>
    TimeOrder,

    /// <summary>Batches: of an atomic batch only a part is in the log, or something stands between.</summary>
    TornBatch,

    /// <summary>Edits that clash: an event is in the log behind another that touches the same, and came after what it was based on.</summary>
    ClashIsStored,

    /// <summary>Edits that clash: an event was refused for one, and nothing had touched the same.</summary>
    ConflictWithoutClash,

    /// <summary>Exactly once: a message is in the log twice.</summary>
    StoredTwice,

    /// <summary>Exactly once: an acknowledgement, of a first attempt or of a repeat, names another number than the log.</summary>
    OtherNumber,

    /// <summary>Exactly once: a repeat was not told that it is one, or a first attempt that it is a repeat.</summary>
    DuplicateFlag,

    /// <summary>No loss: a follower never got an event, and was not told that it is gone.</summary>
    Missed,

    /// <summary>No loss: a follower got an event twice.</summary>
    Twice,

    /// <summary>No loss: a follower got an event before an earlier one.</summary>
    OutOfOrder,

    /// <summary>No loss: a client was told that events are gone which are still kept.</summary>
    SkippedTooMuch,

    /// <summary>No loss: an answer leaves out an event that lies between those in it, or that is gone without saying so.</summary>
    AnswerWithGap,

    /// <summary>No loss: long after a fault was over publishes were not acknowledged, or what was acknowledged did not reach all.</summary>
    NoRecovery,

    /// <summary>The outbox: what a transaction has committed is not in the log.</summary>
    CommittedIsLost,

    /// <summary>The outbox: what a transaction has taken back is in the log.</summary>
    RolledBackIsStored,

    /// <summary>The outbox: of a transaction's events only some are in the log.</summary>
    TornTransaction,

    /// <summary>The outbox: the events of an application are in another order than it has inserted them.</summary>
    OutboxOrder,

    /// <summary>Handlers: an event was never handled, or one was that is not in the log.</summary>
    NotHandled,

    /// <summary>Handlers: an event was handled before an earlier one of its run.</summary>
    HandledOutOfOrder,

    /// <summary>Handlers: two events of a run were handled at a time.</summary>
    HandledTogether,

    /// <summary>The whole truth: a state is not what the events up to its number add up to.</summary>
    WrongState,

    /// <summary>Read your writes: a server acknowledged an event, and a later answer of it does not know of it.</summary>
    StaleAnswer,

    /// <summary>Presence: when all was over an observer saw other users than are there.</summary>
    WrongPresence,

    /// <summary>Erased runs: an answer is of an epoch that no log of the run has.</summary>
    AnotherEpoch,

    /// <summary>Erased runs: what was erased was still shown, at the server that had said so, or anywhere long after.</summary>
    ErasedIsShown,

    /// <summary>Erased runs: what was acknowledged before the run was erased, and not sent since, is in the log that began then.</summary>
    ErasedIsBack,
}

/// <summary>Where a history breaks a promise.</summary>
/// <param name="Rule">Which.</param>
/// <param name="What">The numbers and operations that show it.</param>
internal sealed record Violation(Rule Rule, string What)
{
    public override string ToString() => $"{Rule}: {What}";
}
