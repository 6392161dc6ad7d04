using Microsoft.Extensions.Options;

namespace Collab.AspNetCore.Limits;

/// <summary>How much the server does at a time for all users together.</summary>
internal sealed class ServerLimits(IOptions<CollabOptions> options, TimeProvider time)
{
    private const int MaxWaiting = 1000;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    /// <summary>Reads of the store that can be large.</summary>
    public Budget StoreReads { get; } = new(options.Value.Limits.StoreReads, MaxWaiting, Patience, "runs to read from the store", time);

    /// <summary>Runs that are copied inside the store. One at a time, so that of what reads the store most is left to the others.</summary>
    public Budget Copies { get; } = new(options.Value.Limits.StoreReads == 0 ? 0 : 1, MaxWaiting, Patience, "runs to copy", time);

    /// <summary>Documents that need no token.</summary>
    public AnswerRate Documents { get; } = new(options.Value.Limits.AnonymousPerSecond, time);

    /// <summary>Health and metrics. Apart, so that many requests for documents do not hold up a probe.</summary>
    public AnswerRate Probes { get; } = new(options.Value.Limits.AnonymousPerSecond, time);

    /// <summary>The files of the web page, about ten for each visit.</summary>
    public AnswerRate PageFiles { get; } = new(10.0 * options.Value.Limits.AnonymousPerSecond, time);

    /// <summary>The answers to joins that are on their way, in bytes.</summary>
    public Budget Answers { get; } = new(options.Value.Limits.AnswerBytes, MaxWaiting, Patience, "large answers on their way", time);
}
