using Microsoft.Extensions.Options;

namespace Collab.AspNetCore.Limits;

/// <summary>How much the server does at a time for all users together.</summary>
internal sealed class ServerLimits(IOptions<CollabOptions> options, TimeProvider time)
{
    private const int MaxWaiting = 1000;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    /// <summary>Reads of the store that can be large.</summary>
    public Budget StoreReads { get; } = new(options.Value.Limits.StoreReads, MaxWaiting, Patience, "runs to read from the store", time);

    /// <summary>The answers to joins that are on their way, in bytes.</summary>
    public Budget Answers { get; } = new(options.Value.Limits.AnswerBytes, MaxWaiting, Patience, "large answers on their way", time);
}
