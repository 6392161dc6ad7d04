using System.Globalization;

namespace Collab.Protocol;

/// <summary>Why an event, or a state, is not as it was signed.</summary>
public static class WrongReasons
{
    /// <summary>Something in it is not what was signed, or it does not follow the event before it.</summary>
    public const string Changed = "changed";

    /// <summary>There is no event of this number, or another one has its place.</summary>
    public const string Removed = "removed";

    /// <summary>It was not stored by a server with a key: the event that follows it had this number.</summary>
    public const string Inserted = "inserted";

    /// <summary>It is an event of the run that had another number.</summary>
    public const string OutOfOrder = "out_of_order";

    /// <summary>It has no signature, though events before it have, or though it was stored since everything is signed.</summary>
    public const string NotSigned = "unsigned";

    /// <summary>The state that trimmed events have left is not what was signed.</summary>
    public const string State = "state";

    /// <summary>It is signed with a key that is not among those that are known here.</summary>
    public const string UnknownKey = "unknown_key";

    /// <summary>The same in a sentence.</summary>
    internal static WrongEvent At(long sequence, string reason)
    {
        var what = reason switch
        {
            Removed => "is missing, or has lost its place to a later one",
            Inserted => "was put in between",
            OutOfOrder => "is not in its place",
            NotSigned => "has no signature",
            UnknownKey => "is signed with a key that is not known here",
            State => "is the last in a state that is not as it was signed",
            _ => "is not as it was signed",
        };
        return new(sequence, reason, string.Create(CultureInfo.InvariantCulture, $"Event {sequence} {what}."));
    }
}
