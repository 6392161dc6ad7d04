using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Components.Rendering;

namespace Collab.BlazorTests.Kit;

/// <summary>What is round the components of a test.</summary>
internal sealed class Page : ComponentBase
{
    /// <summary>Where the page gets its content from.</summary>
    [Parameter, EditorRequired]
    public Slot Slot { get; set; } = default!;

    protected override void OnInitialized() => Slot.Filled = StateHasChanged;

    protected override void BuildRenderTree(RenderTreeBuilder builder) => builder.AddContent(0, Slot.Content);
}

/// <summary>What is on the page, and how it learns of something else.</summary>
internal sealed class Slot
{
    public RenderFragment? Content { get; set; }

    public Action? Filled { get; set; }
}
