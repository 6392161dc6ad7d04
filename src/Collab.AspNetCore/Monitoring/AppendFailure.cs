namespace Collab.AspNetCore.Monitoring;

/// <summary>Why a critical event was not stored.</summary>
internal enum AppendFailure
{
    /// <summary>The store could not be reached.</summary>
    Unavailable,

    /// <summary>The store would not take it.</summary>
    Rejected,

    /// <summary>The queue was full.</summary>
    Overloaded,
}
