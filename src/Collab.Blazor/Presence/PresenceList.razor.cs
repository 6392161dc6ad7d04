using Collab.Client;
using Microsoft.AspNetCore.Components;

namespace Collab.Blazor;

/// <summary>
/// Who is in the run of the surrounding <see cref="CollabConnection"/>: avatars, oneself first, then the others by name; what is beyond
/// <see cref="Max"/> is behind a number, which opens the names.
/// </summary>
public sealed partial class PresenceList : ComponentBase
{
    /// <summary>So many names the number opens; the others are counted.</summary>
    private const int MaxNamed = 100;

    private string[] _shown = [];
    private string[] _rest = [];

    /// <summary>So many people are shown at once. Default 4; 0: nobody, only the number.</summary>
    [Parameter]
    public int Max { get; set; } = 4;

    /// <summary>Whether each avatar has the name beside it. Default false: the name shows when it is pointed at, and is read out.</summary>
    [Parameter]
    public bool ShowNames { get; set; }

    [CascadingParameter]
    private RunConnection Run { get; set; } = default!;

    private RunSnapshot Now { get; set; } = default!;

    private string? Self => Now.UserId;

    /// <inheritdoc />
    protected override void OnParametersSet()
    {
        Now = Surrounding.Required(Run, this).Snapshot;
        var users = Now.ActiveUsers.OrderBy(user => user == Self ? 0 : 1).ThenBy(NameOf, NameOrder.Instance).ToArray();
        // The last one fits in the place of a number that would stand for it alone.
        var most = users.Length == Max + 1 ? users.Length : Max;
        (_shown, _rest) = (users[..Math.Min(most, users.Length)], [.. users.Skip(most)]);
    }

    /// <summary>Oneself is not really there while others cannot see it at once.</summary>
    private string? DimWhenAway(string user) => user == Self && Now.Connection is not ConnectionState.Live ? "dim" : null;

    private bool IsAgent(string user) => Now.Agents.Contains(user);

    private string NameOf(string user) => Names.Of(Now, user);

    private string Describe(string user)
    {
        var name = Names.Isolated(NameOf(user)) + (IsAgent(user) ? ", agent" : null);
        return (user == Self, Now.Connection, Now.UsingFallback) switch
        {
            (false, _, _) => $"{name}, here now",
            (true, ConnectionState.Live, _) => $"{name}, you",
            (true, _, true) => $"{name}, you, by HTTP polling",
            _ => $"{name}, you, not connected",
        };
    }
}
