namespace Collab.AspNetCore;

/// <summary>
/// Where <see cref="CollabEndpointRouteBuilderExtensions.MapCollab(Microsoft.AspNetCore.Routing.IEndpointRouteBuilder)"/> puts things.
/// Clients must be told of another hub or API path.
/// </summary>
public sealed class CollabEndpointOptions
{
    /// <summary>The hub. Default: <c>/hubs/collaboration</c>.</summary>
    public string HubPath { get; set; } = "/hubs/collaboration";

    /// <summary>What the paths of the HTTP API begin with. Default: <c>/api</c>.</summary>
    public string ApiPath { get; set; } = "/api";

    /// <summary>Whether the process answers. Default: <c>/health/live</c>; null leaves it out.</summary>
    public string? LivenessPath { get; set; } = "/health/live";

    /// <summary>
    /// Whether what it needs answers too: every health check with the tag <c>ready</c>, of which Collab's own is named <c>collab-store</c>.
    /// Default: <c>/health/ready</c>; null leaves it out.
    /// </summary>
    public string? ReadinessPath { get; set; } = "/health/ready";

    /// <summary>
    /// The authentication schemes that name the user on Collab's endpoints. Default: <see cref="CollabBuilder.AuthenticationScheme"/> with
    /// <see cref="CollabBuilder.UseJwtBearer"/>, else none, for the application's default scheme. Several: whichever succeed.
    /// </summary>
    public IList<string> AuthenticationSchemes { get; } = [];
}
