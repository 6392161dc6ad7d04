namespace Collab.AspNetCore;

/// <summary>Where things are.</summary>
internal static class CollabPaths
{
    public const string Hub = "/hubs/collaboration";

    public const string Api = "/api";

    public const string Metrics = "/metrics";
}
