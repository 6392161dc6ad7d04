namespace Collab.Storage;

/// <summary>A handler that an application has registered, by its name.</summary>
public sealed class HandlerRow
{
    /// <summary>Its name, which an application must not change: another name is another handler, and begins at the beginning.</summary>
    public string Name { get; set; } = "";

    /// <summary>When a server registered it first (UTC).</summary>
    public DateTime CreatedAt { get; set; }

    /// <summary>When a server had it last (UTC). One that no server has had for a week holds up retention no longer.</summary>
    public DateTime SeenAt { get; set; }
}
