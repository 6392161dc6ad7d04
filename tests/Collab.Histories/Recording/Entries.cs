using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Collab.Histories.Recording;

/// <summary>One line of a history. Times are milliseconds since its begin, by one clock.</summary>
[JsonPolymorphic(TypeDiscriminatorPropertyName = "entry")]
[JsonDerivedType(typeof(Setup), "setup")]
[JsonDerivedType(typeof(Publish), "publish")]
[JsonDerivedType(typeof(Read), "read")]
[JsonDerivedType(typeof(Follower), "follower")]
[JsonDerivedType(typeof(Seen), "seen")]
[JsonDerivedType(typeof(Transaction), "transaction")]
[JsonDerivedType(typeof(Handled), "handled")]
[JsonDerivedType(typeof(Skipped), "skipped")]
[JsonDerivedType(typeof(Presence), "presence")]
[JsonDerivedType(typeof(Fault), "fault")]
[JsonDerivedType(typeof(Erase), "erase")]
[JsonDerivedType(typeof(FinalLog), "log")]
[JsonDerivedType(typeof(Settled), "settled")]
[JsonDerivedType(typeof(Timing), "timing")]
internal abstract record Entry;

/// <summary>What was started.</summary>
/// <param name="Seed">The number that it all follows from, but for how threads and processes take turns.</param>
/// <param name="Kind">The sort of installation, such as <c>redis-3</c>.</param>
/// <param name="Store"><c>sqlite</c> or <c>postgres</c>.</param>
/// <param name="Bus"><c>none</c>, <c>postgres</c> or <c>redis</c>.</param>
/// <param name="Servers">How many servers.</param>
/// <param name="Runs">The runs.</param>
/// <param name="Keep">How many events of a run are kept; 0: all.</param>
/// <param name="HasHandlers">Whether each GRAFT is to be handled.</param>
internal sealed record Setup(int Seed, string Kind, string Store, string Bus, int Servers, IReadOnlyList<Guid> Runs, int Keep = 0, bool HasHandlers = false) : Entry;

/// <summary>An event as its publisher sends it.</summary>
/// <param name="MessageId">Its id.</param>
/// <param name="EventType">Its type.</param>
/// <param name="Data">Its data.</param>
/// <param name="BasedOn">The newest event that the publisher had seen; null: nothing clashes with it.</param>
internal sealed record Sent(Guid MessageId, string EventType, JsonElement Data, long? BasedOn = null);

/// <summary>What a publisher was told about an event: its number, or the code of a refusal.</summary>
internal sealed record Told(Guid MessageId, long? Number, bool Duplicate, string? Code = null);

/// <summary>One attempt to publish one event, or a batch of them.</summary>
/// <param name="Id">Its own number, in the order in which attempts began.</param>
/// <param name="Client">Which client.</param>
/// <param name="User">Whose client it is.</param>
/// <param name="Connection">The connection whose order counts; null: each attempt has its own.</param>
/// <param name="Transport">How it went: <c>hub-json</c>, <c>hub-messagepack</c>, <c>client</c>, <c>http</c>.</param>
/// <param name="Server">Which server was asked; null: the client or a balancer chose.</param>
/// <param name="RunId">The run.</param>
/// <param name="Start">When it was sent.</param>
/// <param name="End">When its outcome was known, or that there will be none.</param>
/// <param name="Events">What was sent.</param>
/// <param name="Told">What was answered; an event without an answer may be stored or not.</param>
/// <param name="Atomic">A batch of which all is stored, or nothing.</param>
/// <param name="Repeats">The client repeats by itself, so that its first answer may be that of a repeat.</param>
internal sealed record Publish(
    int Id, string Client, string User, string? Connection, string Transport, int? Server, Guid RunId, double Start, double End,
    IReadOnlyList<Sent> Events, IReadOnlyList<Told> Told, bool Atomic = false, bool Repeats = false) : Entry
{
    /// <summary>What a violation calls it.</summary>
    [JsonIgnore]
    public string Name => string.Create(
        CultureInfo.InvariantCulture, $"publish {Id} ({Client}, {Transport}{(Server is { } server ? $", server {server}" : "")}, {Start}–{End} ms)");
}

/// <summary>An application's transaction that puts events into the outbox.</summary>
/// <param name="Id">Its own number, counted with those of publishes.</param>
/// <param name="Client">Which application.</param>
/// <param name="User">Who the events are by.</param>
/// <param name="RunId">The run.</param>
/// <param name="Start">When it began.</param>
/// <param name="End">When its outcome was known, or that there will be none.</param>
/// <param name="Events">What was inserted, in this order.</param>
/// <param name="Committed">Whether it was committed; null: its outcome is not known.</param>
internal sealed record Transaction(
    int Id, string Client, string User, Guid RunId, double Start, double End, IReadOnlyList<Sent> Events, bool? Committed) : Entry;

/// <summary>A handler of an application was given an event; in the order in which it wrote that down.</summary>
/// <param name="RunId">The run.</param>
/// <param name="Number">The event's number.</param>
/// <param name="Server">The process that handled it.</param>
/// <param name="Alone">Whether no other one handled an event of this run at that time.</param>
internal sealed record Handled(Guid RunId, long Number, int Server, bool Alone) : Entry;

/// <summary>An event's place.</summary>
internal readonly record struct Place(long Number, Guid MessageId);

/// <summary>An answer of a server about a run: to a join, poll, replay or question for the state.</summary>
/// <param name="Id">Its own number, counted with those of publishes.</param>
/// <param name="Client">Which client.</param>
/// <param name="What"><c>join</c>, <c>poll</c>, <c>replay</c>, <c>state</c>.</param>
/// <param name="Server">Which server answered; null: a balancer chose.</param>
/// <param name="RunId">The run.</param>
/// <param name="Start">When it was asked.</param>
/// <param name="End">When the answer was there.</param>
/// <param name="After">The position that was asked from.</param>
/// <param name="Last">The newest number that the answer knows of.</param>
/// <param name="Events">The events in it.</param>
/// <param name="State">The state in it.</param>
/// <param name="Oldest">The oldest number that it calls kept; 0: it does not say.</param>
/// <param name="Truncated">Whether it says that events after the position are gone.</param>
/// <param name="Epoch">Of which log it is; null: it does not say.</param>
internal sealed record Read(
    int Id, string Client, string What, int? Server, Guid RunId, double Start, double End, long After, long Last,
    IReadOnlyList<Place> Events, JsonElement? State = null, long Oldest = 0, bool Truncated = false, Guid? Epoch = null) : Entry;

/// <summary>A client that stays to the end, and must have every event of the run by then.</summary>
/// <param name="Client">Which client.</param>
/// <param name="RunId">The run.</param>
/// <param name="How">What sort of client.</param>
/// <param name="Stays">Whether it stays to the end; one that left must have no gap until then.</param>
internal sealed record Follower(string Client, Guid RunId, string How, bool Stays) : Entry;

/// <summary>A critical event reached a follower's application.</summary>
/// <param name="Client">Which follower.</param>
/// <param name="RunId">The run.</param>
/// <param name="At">When.</param>
/// <param name="Number">The event's number.</param>
/// <param name="MessageId">Its id.</param>
/// <param name="Epoch">Of which log it is; null: a client hands its events on without saying so.</param>
internal sealed record Seen(string Client, Guid RunId, double At, long Number, Guid MessageId, Guid? Epoch = null) : Entry;

/// <summary>A follower was told that the events from one number to another are gone, and took the state for them.</summary>
internal sealed record Skipped(string Client, Guid RunId, double At, long From, long To) : Entry;

/// <summary>The users that an observer takes for present when all is over, and those that are.</summary>
internal sealed record Presence(string Observer, Guid RunId, double At, IReadOnlyList<string> Users, IReadOnlyList<string> Expected) : Entry;

/// <summary>A fault that was meant to strike.</summary>
/// <param name="What">Which sort.</param>
/// <param name="Server">Which server it was aimed at, if at one.</param>
/// <param name="Start">When it began.</param>
/// <param name="End">When it was over.</param>
/// <param name="Struck">What it really hit: processes, connections, waiting sessions. 0: nothing.</param>
/// <param name="After">What came then, if the next fault waited for it.</param>
/// <param name="With">The sort of the other fault that struck meanwhile; null: none did. What came then came after both.</param>
internal sealed record Fault(string What, int? Server, double Start, double End, int Struck, Recovery? After = null, string? With = null) : Entry;

/// <summary>An administrator has a run erased: what is published from then on begins another log.</summary>
/// <param name="RunId">The run.</param>
/// <param name="Server">Which server was asked.</param>
/// <param name="Start">When it was asked.</param>
/// <param name="End">When its answer was there, or that there will be none.</param>
/// <param name="Confirmed">Whether it said that it had done it.</param>
internal sealed record Erase(Guid RunId, int Server, double Start, double End, bool Confirmed) : Entry;

/// <summary>How long the parts of a history took.</summary>
/// <param name="Started">Until the servers were ready.</param>
/// <param name="Acted">Until all had done what was planned, and the last fault was over.</param>
/// <param name="Together">Until all had come together.</param>
internal sealed record Timing(double Started, double Acted, double Together) : Entry;

/// <summary>How it went on after a fault.</summary>
/// <param name="Acknowledged">When each server had acknowledged a publish again; null: never.</param>
/// <param name="Complete">When all that followed had what was acknowledged by then; null: never.</param>
internal sealed record Recovery(double? Acknowledged, double? Complete);

/// <summary>An event as the log has it.</summary>
internal sealed record Logged(long Number, Guid MessageId, string EventType, string UserId, JsonElement Data);

/// <summary>A run's log when all is over. Of a run that was erased there are several, in the order in which they were begun.</summary>
/// <param name="RunId">The run.</param>
/// <param name="Events">All that was ever in it.</param>
/// <param name="Trimmed">How many of them the store has deleted.</param>
/// <param name="Epoch">Its epoch; null: not known.</param>
internal sealed record FinalLog(Guid RunId, IReadOnlyList<Logged> Events, int Trimmed = 0, Guid? Epoch = null) : Entry;

/// <summary>When the last fault was over, and the last publish had its outcome: from then on all must come together.</summary>
internal sealed record Settled(double FaultsOver, double PublishesOver) : Entry
{
    /// <summary>When both were.</summary>
    [JsonIgnore]
    public double Over => Math.Max(FaultsOver, PublishesOver);
}
