using Collab.Client;
using Collab.Protocol;
using Microsoft.AspNetCore.Components;
using Microsoft.Extensions.DependencyInjection;

namespace Collab.Blazor;

/// <summary>
/// The critical events of the surrounding <see cref="CollabConnection"/>'s run: who did what, and when. Cursor moves do not render it
/// again.
/// </summary>
public sealed partial class RunEvents : ComponentBase, IDisposable
{
    /// <summary>The ages of events are updated this often.</summary>
    private static readonly TimeSpan Refresh = TimeSpan.FromSeconds(30);

    private readonly record struct Content(
        RunConnection Run, Guid? Epoch, long First, long Last, bool IsConnected, int Max, bool NewestFirst, TimeZoneInfo TimeZone,
        string? Label);

    private TimeProvider _time = TimeProvider.System;
    private ITimer? _timer;
    private CollaborationEvent[] _shown = [];
    private Content _content;
    private bool _isNews;

    /// <summary>
    /// So many events are listed, the newest. At least 1, at most what the client keeps (<see cref="CollabClientOptions.MaxEvents"/>);
    /// default 200.
    /// </summary>
    [Parameter]
    public int Max { get; set; } = 200;

    /// <summary>Which end the newest event is at. Default true: the top.</summary>
    [Parameter]
    public bool NewestFirst { get; set; } = true;

    /// <summary>
    /// What screen readers call the list; two lists, or a list and a <see cref="RunTimeline"/>, on a page want two names. Null, the
    /// default: <c>Events, newest first</c>, or <c>Events, oldest first</c>.
    /// </summary>
    [Parameter]
    public string? Label { get; set; }

    /// <summary>
    /// In which zone the full time is told, which shows when it is pointed at. Default UTC, for a server does not know where the reader is.
    /// </summary>
    [Parameter]
    public TimeZoneInfo TimeZone { get; set; } = TimeZoneInfo.Utc;

    /// <summary>Shows an event. Null, the default: avatar, sentence, number and time.</summary>
    [Parameter]
    public RenderFragment<CollaborationEvent>? ItemTemplate { get; set; }

    [CascadingParameter]
    private RunConnection Run { get; set; } = default!;

    [Inject]
    private IServiceProvider Services { get; set; } = default!;

    private RunSnapshot Now { get; set; } = default!;

    /// <inheritdoc />
    public void Dispose() => _timer?.Dispose();

    /// <inheritdoc />
    protected override void OnInitialized()
    {
        _time = Services.GetService<TimeProvider>() ?? TimeProvider.System;
        if (RendererInfo.IsInteractive) _timer = _time.CreateTimer(RefreshDue, null, Refresh, Timeout.InfiniteTimeSpan);
    }

    /// <inheritdoc />
    protected override void OnParametersSet()
    {
        Now = Surrounding.Required(Run, this).Snapshot;
        var content = new Content(
            Run, Now.Epoch, Now.OldestSequence, Now.LastSequence, Now.IsConnected, Math.Max(1, Max), NewestFirst, TimeZone, Label);
        // A template may show whatever is round it.
        _isNews = content != _content || ItemTemplate is not null;
        if (!_isNews) return;
        _content = content;
        var newest = Now.Events.Skip(Now.Events.Count - content.Max);
        _shown = [.. NewestFirst ? newest.Reverse() : newest];
    }

    /// <inheritdoc />
    protected override bool ShouldRender() => _isNews;

    private void RefreshDue(object? state) => _ = InvokeAsync(TellAges);

    private void TellAges()
    {
        _timer?.Change(Refresh, Timeout.InfiniteTimeSpan);
        _isNews = true;
        StateHasChanged();
    }
}
