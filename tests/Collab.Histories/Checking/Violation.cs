namespace Collab.Histories.Checking;

/// <summary>What a history must not show.</summary>
internal enum Rule
{
    /// <summary>P1: an acknowledged event is not in the log.</summary>
    AcknowledgedIsLost,

    /// <summary>P1: an event that a client was shown is not in the log.</summary>
    SeenIsLost,

    /// <summary>P1: an event was refused for good, and is in the log.</summary>
    RefusedIsStored,

    /// <summary>P1: an event is in the log that no client sent, or that says something else.</summary>
    NotAsSent,

    /// <summary>P2: the log's numbers are not 1, 2, 3, ….</summary>
    Numbering,

    /// <summary>P2: a number stands for another event than in the log.</summary>
    OtherOrder,

    /// <summary>P2: of two events that one connection sent the later one came first.</summary>
    ConnectionOrder,

    /// <summary>P2: an event was sent after another was acknowledged, and has the smaller number.</summary>
    TimeOrder,

    /// <summary>§13: of an atomic batch only a part is in the log, or something stands between.</summary>
    TornBatch,

    /// <summary>P3: a message is in the log twice.</summary>
    StoredTwice,

    /// <summary>P3: an acknowledgement, of a first attempt or of a repeat, names another number than the log.</summary>
    OtherNumber,

    /// <summary>P3: a repeat was not told that it is one, or a first attempt that it is a repeat.</summary>
    DuplicateFlag,

    /// <summary>P4: a follower never got an event.</summary>
    Missed,

    /// <summary>P4: a follower got an event twice.</summary>
    Twice,

    /// <summary>P4: a follower got an event before an earlier one.</summary>
    OutOfOrder,

    /// <summary>P4: an answer leaves out an event that lies between those in it.</summary>
    AnswerWithGap,

    /// <summary>P5: a state is not what the events up to its number add up to.</summary>
    WrongState,

    /// <summary>§12: a server acknowledged an event, and a later answer of it does not know of it.</summary>
    StaleAnswer,

    /// <summary>§12: when all was over an observer did not see who is there.</summary>
    WrongPresence,
}

/// <summary>Where a history breaks a promise.</summary>
/// <param name="Rule">Which.</param>
/// <param name="What">The numbers and operations that show it.</param>
internal sealed record Violation(Rule Rule, string What)
{
    public override string ToString() => $"{Rule}: {What}";
}
