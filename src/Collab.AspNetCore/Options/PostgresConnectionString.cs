using Npgsql;

namespace Collab.AspNetCore;

/// <summary>The user's connection string, with what the code depends on: that is set here, whatever the string says.</summary>
internal static class PostgresConnectionString
{
    private const int CancellationTimeoutMs = 500;
    private const string NotOne = "is not a PostgreSQL connection string such as Host=db;Database=collab;Username=collab.";

    private static readonly string[] Writable = ["primary", "read-write"];

    /// <summary>Why a connection string cannot be used; null if it can.</summary>
    public static string? Check(string connectionString)
    {
        try
        {
            if (new NpgsqlConnectionStringBuilder(connectionString).Count == 0) return NotOne;
            var settings = Complete(new() { ConnectionString = connectionString });
            if (settings.TargetSessionAttributes is { } target && !Writable.Contains(target, StringComparer.OrdinalIgnoreCase))
            {
                return $"Target Session Attributes={target} may lead to a server that only reads; "
                    + "leave it out, or use read-write or primary.";
            }
            using var source = NpgsqlDataSource.Create(settings);
            return null;
        }
        catch (Exception)
        {
            // Of many kinds. What it says of the text is not passed on: there may be a password in it.
            return NotOne;
        }
    }

    public static NpgsqlConnectionStringBuilder Complete(StoreOptions options)
    {
        var settings = new NpgsqlConnectionStringBuilder(options.ConnectionString)
        {
            CommandTimeout = options.TimeoutSeconds,
            Timeout = options.TimeoutSeconds,
            CancellationTimeout = CancellationTimeoutMs,
            // A statement must have its connection to itself, and never be part of a transaction of the application around it.
            Multiplexing = false,
            Enlist = false,
            // Nothing here leaves a trace in a session, and behind a pooler the next transaction may be in another one.
            NoResetOnClose = true,
            MaxAutoPrepare = 0,
            Encoding = "UTF8",
            ClientEncoding = "UTF8",
        };
        // Of several servers only one takes writes.
        if (settings.Host?.Contains(',', StringComparison.Ordinal) == true) settings.TargetSessionAttributes ??= "read-write";
        return settings;
    }
}
