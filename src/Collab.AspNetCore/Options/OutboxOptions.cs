using System.ComponentModel.DataAnnotations;

namespace Collab.AspNetCore;

/// <summary>Section <c>Collab:Outbox</c>.</summary>
public sealed class OutboxOptions
{
    /// <summary>
    /// How often the server looks for events that applications have put into the table <c>collaboration_outbox</c>, in milliseconds,
    /// 0–60000. Default: 200. What a context with <c>UseCollabOutbox</c> commits in this process is published at once. 0: the server leaves
    /// the outbox to other servers.
    /// </summary>
    [Range(0, 60_000)]
    public int PollMs { get; set; } = 200;
}
