namespace Collab.AspNetCore;

/// <summary>The stores to choose from.</summary>
public enum StoreProvider
{
    /// <summary>A file on this machine, for one server.</summary>
    Sqlite,

    /// <summary>A PostgreSQL server, for any number of servers.</summary>
    Postgres,
}
