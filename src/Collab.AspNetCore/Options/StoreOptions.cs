using System.ComponentModel.DataAnnotations;

namespace Collab.AspNetCore;

/// <summary>Section <c>Collab:Store</c>.</summary>
public sealed class StoreOptions
{
    /// <summary>
    /// The store. Default: <see cref="StoreProvider.Postgres"/> if <c>ConnectionStrings:Collab</c> is set, else
    /// <see cref="StoreProvider.Sqlite"/>.
    /// </summary>
    public StoreProvider Provider { get; set; } = StoreProvider.Sqlite;

    /// <summary>The SQLite file; its folder is made if it is missing. Default: <c>data/collab.db</c>.</summary>
    [Required(AllowEmptyStrings = false, ErrorMessage = "must name a file")]
    public string Path { get; set; } = "data/collab.db";

    /// <summary>
    /// The PostgreSQL connection, from <c>ConnectionStrings:Collab</c>. Required for <see cref="StoreProvider.Postgres"/>.
    /// </summary>
    public string? ConnectionString { get; set; }

    /// <summary>Whether the schema is brought up to date at start. Default: true. If false, run <c>Collab.Server migrate</c>.</summary>
    public bool MigrateOnStart { get; set; } = true;

    /// <summary>
    /// How long one statement may take before the store counts as unavailable, in seconds, 1–60: the drivers know no less. Default: 3.
    /// </summary>
    [Range(1, 60)]
    public int TimeoutSeconds { get; set; } = 3;
}
