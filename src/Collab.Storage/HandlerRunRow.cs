namespace Collab.Storage;

/// <summary>Where a handler stands in a run. Without a row it stands before the first event.</summary>
public sealed class HandlerRunRow
{
    /// <summary>The handler's name.</summary>
    public string Handler { get; set; } = "";

    /// <summary>The run.</summary>
    public Guid RunId { get; set; }

    /// <summary>The log that <see cref="Position"/> is of; with another one it begins at 0 again.</summary>
    public Guid Epoch { get; set; }

    /// <summary>Events up to this one are handled, or of no interest.</summary>
    public long Position { get; set; }

    /// <summary>The server that handles the run now, an id in <c>collaboration_handler_owners</c>; null: none.</summary>
    public Guid? Owner { get; set; }

    /// <summary>How often the event after <see cref="Position"/> has failed.</summary>
    public int Attempts { get; set; }

    /// <summary>When it may be tried again (UTC); null: at once.</summary>
    public DateTime? RetryAt { get; set; }

    /// <summary>When it was given up (UTC): nothing of the run is handled until an administrator says so. Null: it was not.</summary>
    public DateTime? ParkedAt { get; set; }

    /// <summary>Why it failed last.</summary>
    public string? Error { get; set; }
}
