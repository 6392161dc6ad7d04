namespace Collab.Cli.Watch;

/// <summary>Events that cannot be had any more.</summary>
/// <param name="First">The first of them.</param>
/// <param name="Last">The last of them.</param>
internal sealed record Missing(long First, long Last)
{
    /// <summary>Those between one event and the next that there is; null if none is missing.</summary>
    public static Missing? Between(long last, long next) => next > last + 1 ? new(last + 1, next - 1) : null;

    /// <summary>What to say about them.</summary>
    public string Sentence(Guid runId) => $"events {First} to {Last} are no longer kept; `collab state {runId}` covers them";
}
