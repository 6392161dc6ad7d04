namespace Collab.AspNetCore;

/// <summary>Where things are.</summary>
internal static class CollabPaths
{
    public const string Metrics = "/metrics";
}
