namespace Collab.Storage;

/// <summary>
/// A writer of a server that reaches PostgreSQL through a pooler. Its batches name <see cref="Fence"/>, and those with an older number do
/// nothing.
/// </summary>
public sealed class WriterRow
{
    /// <summary>The writer, made when its server starts.</summary>
    public Guid Id { get; set; }

    /// <summary>The number of the writer's newest session.</summary>
    public long Fence { get; set; }

    /// <summary>When that session began (UTC).</summary>
    public DateTime SeenAt { get; set; }
}
