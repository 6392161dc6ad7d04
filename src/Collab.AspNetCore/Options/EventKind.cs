namespace Collab.AspNetCore;

/// <summary>Whether events of a type are stored.</summary>
public enum EventKind
{
    /// <summary>Matters only now: not stored, not numbered, dropped for a client that falls behind.</summary>
    Ephemeral,

    /// <summary>Stored, numbered, never lost.</summary>
    Critical,
}
