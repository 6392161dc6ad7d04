using System.Globalization;
using Collab.Client;
using Collab.Protocol;
using Microsoft.AspNetCore.Components;
using Microsoft.Extensions.DependencyInjection;

namespace Collab.Blazor;

/// <summary>
/// What happened in the run of the surrounding <see cref="CollabConnection"/>, newest first and by the minute, and before that what is
/// still on its way, or was refused: to be sent once more, or discarded. It narrows down to grafts, prunes or flags, and to a person.
/// Cursor moves do not render it again. For a plain list, and for templates, there is <see cref="RunEvents"/>.
/// </summary>
public sealed partial class RunTimeline : ComponentBase
{
    private static readonly (string Kind, string Title)[] Filters =
        [(EventTypes.Graft, "Grafts"), (EventTypes.Prune, "Prunes"), (EventTypes.Flag, "Flags")];

    private readonly record struct Content(
        RunConnection Run, Guid? Epoch, long First, long Last, bool IsConnected, object Pending, object Names, long? At, TimeZoneInfo Zone,
        string Texts);

    private readonly record struct Minute(DateTimeOffset At, CollaborationEvent[] Events);

    private TimeProvider _time = TimeProvider.System;
    private Minute[] _minutes = [];
    private (string Id, string Name)[] _people = [];
    private Content _content;
    private string? _kind;
    private string _person = "";
    private int _pages = 1;
    private bool _hasMore;
    private bool _isNews;

    /// <summary>What it is called, above it. Default <c>Timeline</c>.</summary>
    [Parameter]
    public string Heading { get; set; } = "Timeline";

    /// <summary>What screen readers call the list of events; two timelines on a page want two names.</summary>
    [Parameter]
    public string Label { get; set; } = "Events, newest first";

    /// <summary>So many events are listed at first, and so many more each time one asks. At least 1; default 200.</summary>
    [Parameter]
    public int PageSize { get; set; } = 200;

    /// <summary>
    /// The number of the event that is looked back at: what came later is pale. Null, the default: the newest. Bound together with a
    /// <see cref="TimeScrubber"/>, each event offers to go back to it.
    /// </summary>
    [Parameter]
    public long? At { get; set; }

    /// <summary>Told the event that one wants to go back to; null: to the newest.</summary>
    [Parameter]
    public EventCallback<long?> AtChanged { get; set; }

    /// <summary>In which zone times are told. Default UTC, for a server does not know where the reader is.</summary>
    [Parameter]
    public TimeZoneInfo TimeZone { get; set; } = TimeZoneInfo.Utc;

    [CascadingParameter]
    private RunConnection Run { get; set; } = default!;

    [Inject]
    private IServiceProvider Services { get; set; } = default!;

    private RunSnapshot Now { get; set; } = default!;

    private bool IsFiltered => _kind is not null || _person.Length > 0;

    private string Myself => Now.UserId ?? "You";

    private string EventCount =>
        string.Create(CultureInfo.InvariantCulture, $"{Now.Events.Count} event{(Now.Events.Count == 1 ? "" : "s")}");

    /// <inheritdoc />
    protected override void OnInitialized() => _time = Services.GetService<TimeProvider>() ?? TimeProvider.System;

    /// <inheritdoc />
    protected override void OnParametersSet()
    {
        Now = Surrounding.Required(Run, this).Snapshot;
        var content = new Content(
            Run, Now.Epoch, Now.OldestSequence, Now.LastSequence, Now.IsConnected, Now.Pending, Now.UserNames, At, TimeZone,
        Heading + Label);
        _isNews = content != _content;
        if (!_isNews) return;
        _content = content;
        Arrange();
    }

    /// <inheritdoc />
    protected override bool ShouldRender() => _isNews;

    private void Arrange()
    {
        _isNews = true;
        _people =
        [
            .. Now.Events.Select(e => e.UserId).Distinct(StringComparer.Ordinal)
                .Select(id => (Id: id, Name: Names.Of(Now, id))).OrderBy(person => person.Name, NameOrder.Instance),
        ];
        var most = Math.Max(1, PageSize) * _pages;
        var found = Now.Events.Reverse().Where(Passes).Take(most + 1).ToArray();
        _hasMore = found.Length > most;
        _minutes =
        [
            .. found.Take(most).GroupBy(e => e.Timestamp / 60_000)
                .Select(minute => new Minute(DateTimeOffset.FromUnixTimeMilliseconds(minute.Key * 60_000), [.. minute])),
        ];
    }

    private bool Passes(CollaborationEvent e) =>
        (_kind is null || e.EventType == _kind) && (_person.Length == 0 || e.UserId == _person);

    private void FilterByKind(string kind)
    {
        _kind = _kind == kind ? null : kind;
        Arrange();
    }

    private void FilterByPerson(ChangeEventArgs change)
    {
        _person = change.Value as string ?? "";
        Arrange();
    }

    private void ClearFilter()
    {
        (_kind, _person) = (null, "");
        Arrange();
    }

    private void ShowMore()
    {
        _pages++;
        Arrange();
    }

    private Task GoTo(long sequence) => AtChanged.InvokeAsync(sequence >= Now.LastSequence ? null : sequence);

    private string? PlaceOf(long sequence) => At switch
    {
        { } at when sequence > at => "future",
        { } at when sequence == at => "current",
        _ => null,
    };

    private static string StatusOf(PendingSend send) => send.Status switch
    {
        PendingStatus.Sending => "sending",
        PendingStatus.Refused => "refused",
        _ => "queued",
    };

    /// <summary>As the event that it is about to be.</summary>
    private CollaborationEvent AsEvent(PendingSend send) => new(
        Now.RunId, null, send.EventType, Myself, send.CreatedAt.ToUnixTimeMilliseconds(), send.Data, true, send.MessageId);

    private string Describe(PendingSend send) => send switch
    {
        { Status: PendingStatus.Sending } => "Sending…",
        { Status: PendingStatus.Refused } => $"Refused: {Refusals.Of(send.Error)}",
        _ when !Now.IsConnected => "Queued: goes out when the connection is back",
        { Error: { } error } => $"Queued: {Refusals.Of(error)}. It is tried again by itself",
        _ => "Queued: waits for its turn",
    };
}
