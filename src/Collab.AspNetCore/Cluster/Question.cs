namespace Collab.AspNetCore.Cluster;

/// <summary>What one server asks the others. A server that does not know what it is about does not answer.</summary>
/// <param name="About">What is asked, or is to be done.</param>
internal sealed record Question(string About)
{
    /// <summary>A list has no more rows in one answer.</summary>
    public const int MostRows = 10_000;

    /// <summary>About which run, where it is about one.</summary>
    public Guid RunId { get; init; }

    /// <summary>About which session, where it is about one.</summary>
    public string? SessionId { get; init; }

    /// <summary>At most so many rows of a list.</summary>
    public int Rows { get; init; }

    /// <summary>How long ago something must have been, in milliseconds.</summary>
    public long AgeMs { get; init; }

    /// <summary>Whether it makes sense: it came from outside.</summary>
    public bool IsSound => Rows is >= 0 and <= MostRows && AgeMs is >= 0 and < 1_000_000_000_000 && SessionId is not { Length: > 200 };
}

/// <summary>Knows this server's answers to the others' questions.</summary>
internal interface IAnswers
{
    /// <summary>Answers, and does what is asked for.</summary>
    /// <returns>JSON; null: it does not know the question.</returns>
    byte[]? To(Question question);
}
