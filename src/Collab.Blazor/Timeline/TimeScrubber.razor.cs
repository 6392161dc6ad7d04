using System.Globalization;
using System.Text;
using Collab.Client;
using Collab.Protocol;
using Microsoft.AspNetCore.Components;
using Microsoft.Extensions.DependencyInjection;

namespace Collab.Blazor;

/// <summary>
/// Time travel: drags the run of the surrounding <see cref="CollabConnection"/> through its kept events, plays them, and leads back to
/// live. It says which moment is looked at (<see cref="At"/>), and what the events up to there add up to (<see cref="OnPast"/>), which it
/// asks the server for. Cursor moves do not render it again.
/// </summary>
public sealed partial class TimeScrubber : ComponentBase, IDisposable
{
    /// <summary>A step of the film, and how many steps the whole of it takes at most.</summary>
    private static readonly TimeSpan StepTime = TimeSpan.FromMilliseconds(250);
    private const int MaxSteps = 120;

    private readonly record struct Content(
        RunConnection Run, Guid? Epoch, long First, long Last, bool IsConnected, bool IsPolling, long? At, TimeZoneInfo Zone);

    private (string Kind, string Path)[] _strokes = [];
    private CancellationTokenSource? _asking;
    private ITimer? _film;
    private Content _content;
    private string? _time;
    private string? _problem;
    private long? _asked;
    private long _until;
    private bool _isNews;

    /// <summary>The number of the event that is looked back at; null, the default: the newest, and those to come.</summary>
    [Parameter]
    public long? At { get; set; }

    /// <summary>Told where one goes; null: back to live.</summary>
    [Parameter]
    public EventCallback<long?> AtChanged { get; set; }

    /// <summary>
    /// Told what the events up to <see cref="At"/> add up to, once the server has said it; null: back to live, where the snapshot has it.
    /// </summary>
    [Parameter]
    public EventCallback<RunState?> OnPast { get; set; }

    /// <summary>What is gone through, for screen readers: a phrase that the event's number follows.</summary>
    [Parameter]
    public string Label { get; set; } = "Show the run as it was at event number";

    /// <summary>In which zone times are told. Default UTC, for a server does not know where the reader is.</summary>
    [Parameter]
    public TimeZoneInfo TimeZone { get; set; } = TimeZoneInfo.Utc;

    /// <summary>Asks the server. Null, the default: the <see cref="CollabClient"/> of the application's services.</summary>
    [Parameter]
    public CollabClient? Client { get; set; }

    /// <summary>Stands beside the way back while the past is shown. Null, the default: nothing.</summary>
    [Parameter]
    public RenderFragment? ChildContent { get; set; }

    [CascadingParameter]
    private RunConnection Run { get; set; } = default!;

    [Inject]
    private IServiceProvider Services { get; set; } = default!;

    private RunSnapshot Now { get; set; } = default!;

    private bool IsPlaying => _film is not null;

    private long First => Math.Max(0, Now.OldestSequence - 1);

    /// <summary>In the past it stays where it was when one set out, so that the thumb does not move.</summary>
    private long Last => At is null ? Now.LastSequence : _until;

    private long Missed => Now.LastSequence - Last;

    private bool IsEmpty => Last <= First;

    private string Currency => (Now.Epoch, Now.IsConnected, Now.UsingFallback) switch
    {
        (null, _, _) => "Nothing seen yet",
        (_, false, _) => "As last seen",
        (_, _, true) => "Up to date",
        _ => "Live",
    };

    private string ValueText => At is not { } at
        ? Currency
        : $"Number {at.ToString(CultureInfo.InvariantCulture)}{(_time is null ? ", before the first event that is kept" : $", {_time}")}";

    /// <inheritdoc />
    public void Dispose()
    {
        Stop();
        _asking?.Cancel();
        _asking?.Dispose();
    }

    /// <inheritdoc />
    protected override async Task OnParametersSetAsync()
    {
        Now = Surrounding.Required(Run, this).Snapshot;
        var content = new Content(
            Run, Now.Epoch, Now.OldestSequence, Now.LastSequence, Now.IsConnected, Now.UsingFallback, At, TimeZone);
        // What stands beside the way back may show whatever is round it.
        _isNews = content != _content || ChildContent is not null;
        if (content == _content) return;
        if (At is not null && _content.At is null) _until = Now.LastSequence;
        _content = content;
        _time = Now.Events.LastOrDefault(e => At is null || e.SequenceNumber <= At) is { } last
            ? Clock.Time(DateTimeOffset.FromUnixTimeMilliseconds(last.Timestamp), TimeZone)
            : null;
        _strokes = [.. Strokes()];
        await TellAsync();
    }

    /// <inheritdoc />
    protected override bool ShouldRender() => _isNews;

    private async Task Drag(ChangeEventArgs change)
    {
        Stop();
        if (long.TryParse(change.Value as string, NumberStyles.None, CultureInfo.InvariantCulture, out var sequence)) await GoTo(sequence);
    }

    private Task BackToLive()
    {
        Stop();
        return AtChanged.InvokeAsync(null);
    }

    private Task GoTo(long sequence)
    {
        _isNews = true;
        return AtChanged.InvokeAsync(sequence >= Last ? null : Math.Max(First, sequence));
    }

    private async Task TogglePlay()
    {
        _isNews = true;
        if (IsPlaying)
        {
            Stop();
            return;
        }
        if (At is null) await GoTo(First);
        var time = Services.GetService<TimeProvider>() ?? TimeProvider.System;
        _film = time.CreateTimer(StepDue, null, StepTime, Timeout.InfiniteTimeSpan);
    }

    private void StepDue(object? state) => _ = InvokeAsync(StepAsync);

    private async Task StepAsync()
    {
        if (At is not { } at) Stop();
        else await GoTo(at + Math.Max(1, (Last - First + MaxSteps - 1) / MaxSteps));
        _film?.Change(StepTime, Timeout.InfiniteTimeSpan);
        _isNews = true;
        StateHasChanged();
    }

    private void Stop()
    {
        _film?.Dispose();
        _film = null;
    }

    /// <summary>Asks for the moment that is looked at, unless that is known; an earlier question is of no interest any more.</summary>
    private async Task TellAsync()
    {
        if (!OnPast.HasDelegate || _asked == At) return;
        _asked = At;
        if (_asking is not null) await _asking.CancelAsync();
        _asking?.Dispose();
        _asking = null;
        if (At is not { } at)
        {
            Stop();
            await OnPast.InvokeAsync(null);
            return;
        }
        var stop = (_asking = new()).Token;
        try
        {
            var client = Client ?? Services.GetRequiredService<CollabClient>();
            await OnPast.InvokeAsync(await client.GetStateAsync(Run.RunId, at, stop));
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            // Meanwhile one has gone on to somewhere else.
        }
        catch (Exception e) when (e is CollabException or HttpRequestException or TimeoutException)
        {
            _problem = "The past cannot be shown: the server does not tell how the run was then.";
            await BackToLive();
        }
    }

    /// <summary>The events as strokes where their numbers lie, each kind in a lane of its own, in a box of 1000 × 3.</summary>
    private IEnumerable<(string Kind, string Path)> Strokes()
    {
        var paths = new Dictionary<string, StringBuilder>(StringComparer.Ordinal);
        foreach (var e in Now.Events.TakeWhile(e => e.SequenceNumber <= Last))
        {
            var (kind, lane) = e.EventType switch
            {
                EventTypes.Graft => ("graft", 0),
                EventTypes.Prune => ("prune", 1),
                EventTypes.Flag => ("flag", 2),
                _ => ("other", 0),
            };
            if (!paths.TryGetValue(kind, out var path)) paths[kind] = path = new();
            var x = Math.Round(((e.SequenceNumber ?? 0) - First) * 1000.0 / Math.Max(1, Last - First), 1);
            path.Append(CultureInfo.InvariantCulture, $"M{x} {lane}v1");
        }
        return paths.Select(path => (path.Key, path.Value.ToString()));
    }
}
