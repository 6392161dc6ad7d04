using Microsoft.AspNetCore.Components;

namespace Collab.Blazor;

/// <summary>
/// A user's initials on a disc in their colour, which is the same on every page and machine. The colours are <c>--collab-user-1</c> to
/// <c>--collab-user-12</c>, the letters <c>--collab-user-ink</c>, the diameter <c>--collab-avatar-size</c> (1.75rem).
/// </summary>
public sealed partial class UserAvatar : ComponentBase
{
    /// <summary>Who it is.</summary>
    [Parameter, EditorRequired]
    public string UserId { get; set; } = "";

    /// <summary>What the user is called, which the initials are of. Null, the default: the id.</summary>
    [Parameter]
    public string? Name { get; set; }

    /// <summary>What a screen reader says of it. Null, the default: nothing, for the name stands beside it.</summary>
    [Parameter]
    public string? Label { get; set; }

    /// <summary>Whether the user is an agent: a square with round corners in place of a disc. Default false.</summary>
    [Parameter]
    public bool IsAgent { get; set; }

    private string Shown => Name ?? Names.Of(null, UserId);
}
