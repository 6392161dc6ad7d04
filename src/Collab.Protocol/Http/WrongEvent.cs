namespace Collab.Protocol;

/// <summary>The first event of a run that is not as it was signed.</summary>
/// <param name="SequenceNumber">Its number. Of a wrong state: the last event that is in it.</param>
/// <param name="Reason">One of <see cref="WrongReasons"/>.</param>
/// <param name="Message">The same in a sentence.</param>
public sealed record WrongEvent(long SequenceNumber, string Reason, string Message);
