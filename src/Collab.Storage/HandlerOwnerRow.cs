namespace Collab.Storage;

/// <summary>A server that handles runs. It renews its row; once <see cref="AliveUntil"/> has passed, others take its runs.</summary>
public sealed class HandlerOwnerRow
{
    /// <summary>The server, made when it starts.</summary>
    public Guid Id { get; set; }

    /// <summary>By the database's clock (UTC).</summary>
    public DateTime AliveUntil { get; set; }
}
