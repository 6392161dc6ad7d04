using System.ComponentModel.DataAnnotations;

namespace Collab.AspNetCore;

/// <summary>
/// Section <c>Collab:Bus</c>: how servers that share a PostgreSQL tell each other at once what they write, and who is there. The store
/// stays the only truth: a bus that is away makes others late by a second, and loses nothing.
/// </summary>
public sealed class BusOptions
{
    /// <summary>
    /// A Redis or Valkey, as StackExchange.Redis writes it (<c>redis:6379,password=…,ssl=true</c>). Takes the package <c>Collab.Redis</c>
    /// and its <c>UseRedis()</c>. Default: none.
    /// </summary>
    public string? Redis { get; set; }

    /// <summary>
    /// Whether servers that share a PostgreSQL hear of each other through its LISTEN and NOTIFY, where there is no other bus. Default:
    /// true.
    /// </summary>
    public bool Postgres { get; set; } = true;

    /// <summary>
    /// Where to LISTEN and NOTIFY if <c>ConnectionStrings:Collab</c> leads through a pooler that lends connections by transaction. It must
    /// lead to the same database. Default: the store's own.
    /// </summary>
    public string? PostgresConnection { get; set; }

    /// <summary>
    /// A secret that all servers share, at least 16 characters: messages then carry an HMAC, and others are dropped and counted. Default:
    /// none.
    /// </summary>
    [MinLength(16)]
    public string? Key { get; set; }

    /// <summary>
    /// Whether a Redis that is not on this machine may be used without TLS and a password: who can write to it could show clients events
    /// that never were. Default: false.
    /// </summary>
    public bool AllowInsecure { get; set; }

    /// <summary>
    /// What the names of all channels begin with: servers of different installations that share an engine have different ones. 1–32
    /// letters, digits, - and _. Default: <c>collab</c>.
    /// </summary>
    [RegularExpression("^[A-Za-z0-9_-]{1,32}$")]
    public string Prefix { get; set; } = "collab";
}
