using Collab.Client;
using Collab.Protocol;
using Microsoft.AspNetCore.Components;

namespace Collab.Blazor;

/// <summary>
/// An event as a sentence, its names in bold: <c>ana grafted security-scanner-v1 after ARCHITECT</c>. For item templates and notices.
/// </summary>
public sealed partial class EventSentence : ComponentBase
{
    /// <summary>The event, of any type.</summary>
    [Parameter, EditorRequired]
    public CollaborationEvent Event { get; set; } = default!;

    /// <summary>Knows what users are called; where there is none, the event has to say it.</summary>
    [CascadingParameter]
    private RunConnection? Run { get; set; }
}
