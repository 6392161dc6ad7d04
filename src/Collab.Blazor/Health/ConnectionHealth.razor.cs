using Collab.Client;
using Microsoft.AspNetCore.Components;
using Microsoft.Extensions.DependencyInjection;

namespace Collab.Blazor;

/// <summary>
/// How the connection of the surrounding <see cref="CollabConnection"/> does: its state in a word and a sign, latency, delivery rate,
/// reconnections, what is queued, and a warning while HTTP polling stands in. Every colour is a custom property, <c>--collab-…</c>.
/// </summary>
public sealed partial class ConnectionHealth : ComponentBase, IDisposable
{
    /// <summary>How long a connection that came back says so.</summary>
    private static readonly TimeSpan BackFor = TimeSpan.FromSeconds(4);

    /// <summary>So many steps are shown; all are in the file.</summary>
    private const int MostSteps = 10;

    private RunConnection? _last;
    private ITimer? _timer;
    private bool _showsFlight;
    private bool _wasAway;
    private bool _isBack;

    /// <summary>True: a pill with the word and the latency, which opens the rest. False, the default: all at once.</summary>
    [Parameter]
    public bool Compact { get; set; }

    /// <summary>Whether to warn while polling. Default true; a page that says so elsewhere can turn it off here.</summary>
    [Parameter]
    public bool ShowFallbackWarning { get; set; } = true;

    /// <summary>
    /// In which zone it is told when something happened to the connection. Default UTC, for a server does not know where the reader is.
    /// </summary>
    [Parameter]
    public TimeZoneInfo TimeZone { get; set; } = TimeZoneInfo.Utc;

    [CascadingParameter]
    private RunConnection Run { get; set; } = default!;

    [Inject]
    private IServiceProvider Services { get; set; } = default!;

    private RunSnapshot Now { get; set; } = default!;

    private string Word => Wording.IsOver(Now) ? "Run ended" : Wording.Word(Now.Connection, _isBack);

    private string Tone => Wording.IsOver(Now) ? "good" : Wording.Tone(Now.Connection, Now.Health.Status);

    /// <inheritdoc />
    public void Dispose() => _timer?.Dispose();

    /// <inheritdoc />
    protected override void OnParametersSet()
    {
        Now = Surrounding.Required(Run, this).Snapshot;
        if (Run != _last) (_last, _wasAway, _isBack) = (Run, false, false);
        var isLive = Now.Connection is ConnectionState.Live;
        if (isLive && _wasAway) SayBack();
        if (!isLive) _isBack = false;
        _wasAway = Now.Connection is ConnectionState.Reconnecting or ConnectionState.Polling;
    }

    private void SayBack()
    {
        _isBack = true;
        _timer?.Dispose();
        var time = Services.GetService<TimeProvider>() ?? TimeProvider.System;
        _timer = time.CreateTimer(SaidLongEnough, null, BackFor, Timeout.InfiniteTimeSpan);
    }

    private void SaidLongEnough(object? state) => _ = InvokeAsync(SaidBack);

    private void SaidBack()
    {
        _isBack = false;
        StateHasChanged();
    }
}
