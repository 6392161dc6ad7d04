using Collab.Client;
using Collab.Protocol;
using Microsoft.AspNetCore.Components;
using Microsoft.Extensions.DependencyInjection;

namespace Collab.Blazor;

/// <summary>
/// Follows a run for as long as it is on the page, and cascades its <see cref="RunConnection"/>: whatever in it takes that as a
/// <see cref="CascadingParameterAttribute"/> is rendered again when the run's <see cref="RunConnection.Snapshot"/> has changed. It connects
/// only where it is interactive; while a page is prerendered the connection is <see cref="ConnectionState.Idle"/>.
/// </summary>
public sealed partial class CollabConnection : ComponentBase, IAsyncDisposable
{
    private OpenRun? _open;
    private CollabClient? _client;
    private bool _isRenderDue;

    /// <summary>The run. Another one closes this connection and opens another.</summary>
    [Parameter, EditorRequired]
    public Guid RunId { get; set; }

    /// <summary>
    /// Opens the connection. Null, the default: the <see cref="CollabClient"/> of the application's services, which Blazor Server wants
    /// scoped.
    /// </summary>
    [Parameter]
    public CollabClient? Client { get; set; }

    /// <summary>What is shown of the run. It is rendered after each change, and while there is no connection yet.</summary>
    [Parameter]
    public RenderFragment<RunConnection>? ChildContent { get; set; }

    /// <summary>
    /// Shown in its place until the run is connected for the first time. Null, the default: the content is shown then too.
    /// </summary>
    [Parameter]
    public RenderFragment? Connecting { get; set; }

    /// <summary>Shown in its place when the server will not have this user. Null, the default: the content is shown then too.</summary>
    [Parameter]
    public RenderFragment<CollabException>? Refused { get; set; }

    /// <summary>
    /// Called for each event that is news, also ephemeral ones, one at a time: critical ones once and in order. The history of the run is
    /// none.
    /// </summary>
    [Parameter]
    public EventCallback<CollaborationEvent> OnEvent { get; set; }

    [Inject]
    private IServiceProvider Services { get; set; } = default!;

    /// <inheritdoc />
    public async ValueTask DisposeAsync()
    {
        if (_open is not null) await _open.DisposeAsync();
    }

    /// <inheritdoc />
    protected override async Task OnParametersSetAsync()
    {
        var client = Client ?? Services.GetRequiredService<CollabClient>();
        var last = _open;
        if (_open is null || _open.Run.RunId != RunId || client != _client)
        {
            (_client, _open) = (client, new OpenRun(client.Open(RunId, connect: RendererInfo.IsInteractive), RenderSoon));
        }
        if (OnEvent.HasDelegate) _ = _open.Read(e => OnEvent.InvokeAsync(e), DispatchExceptionAsync);
        if (last is not null && last != _open) await last.DisposeAsync();
    }

    /// <summary>On any thread. While a render is due further changes add nothing to it.</summary>
    private void RenderSoon()
    {
        if (Interlocked.Exchange(ref _isRenderDue, true)) return;
        // Not waited for: this may be the client's thread. What fails in a render is the renderer's to tell.
        _ = InvokeAsync(() =>
        {
            // Before the snapshot is looked at: what changes from here on is due again.
            Volatile.Write(ref _isRenderDue, false);
            StateHasChanged();
        });
    }
}
