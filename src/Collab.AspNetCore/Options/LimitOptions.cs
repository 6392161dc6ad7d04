using System.ComponentModel.DataAnnotations;

namespace Collab.AspNetCore;

/// <summary>Section <c>Collab:Limits</c>. 0 means: no limit, except where a range says otherwise.</summary>
public sealed class LimitOptions
{
    /// <summary>
    /// The largest <c>data</c> of an event, bytes of compact UTF-8 JSON with its numbers written out, 0–60000. Default: 16384. Past it:
    /// <c>payload_too_large</c>.
    /// </summary>
    [Range(0, 60_000)]
    public int EventBytes { get; set; } = 16_384;

    /// <summary>
    /// How large the states that the application adds (<c>AddState</c>) may become for one run, bytes of JSON together. Default: 1048576. A
    /// publish after which they would be larger, and larger than before, is refused: <c>invalid_event</c>.
    /// </summary>
    [Range(0, 100_000_000)]
    public int StateBytes { get; set; } = 1_048_576;

    /// <summary>Publishes of one user, per second, on average. Default: 20. Past it: <c>rate_limited</c>.</summary>
    [Range(0, 1_000_000)]
    public int PublishPerSecond { get; set; } = 20;

    /// <summary>
    /// Publishes that one user may send at once after a pause. Default: 50. Only used with <see cref="PublishPerSecond"/>.
    /// </summary>
    [Range(0, 1_000_000)]
    public int PublishBurst { get; set; } = 50;

    /// <summary>Publishes of one user in any minute. Default: 600.</summary>
    [Range(0, 10_000_000)]
    public int PublishPerMinute { get; set; } = 600;

    /// <summary>Cursor moves of one user, per second. Default: 30.</summary>
    [Range(0, 1_000_000)]
    public int CursorPerSecond { get; set; } = 30;

    /// <summary>How many seconds' worth of the rates of reading a user may use at once after a pause: 20.</summary>
    internal const int ReadBurstSeconds = 20;

    /// <summary>
    /// Joins of one user, per second on average; twenty times as many at once after a pause. Default: 50. Past it: <c>rate_limited</c>.
    /// </summary>
    [Range(0, 1_000_000)]
    public int JoinPerSecond { get; set; } = 50;

    /// <summary>
    /// Polls of one user, per second on average; twenty times as many at once after a pause. Default: 50. Past it: <c>rate_limited</c>.
    /// </summary>
    [Range(0, 1_000_000)]
    public int PollPerSecond { get; set; } = 50;

    /// <summary>
    /// Replays of one user, per second on average; twenty times as many at once after a pause. Default: 20. Past it: <c>rate_limited</c>.
    /// </summary>
    [Range(0, 1_000_000)]
    public int ReplayPerSecond { get; set; } = 20;

    /// <summary>
    /// Past states (<c>state?asOfSequence=</c>) of one user, per second on average; twenty times as many at once after a pause. Default:
    /// 10. Past it: <c>rate_limited</c>.
    /// </summary>
    [Range(0, 1_000_000)]
    public int PastStatePerSecond { get; set; } = 10;

    /// <summary>
    /// Lists of runs of one user, per second on average; twenty times as many at once after a pause. Default: 10. Past it:
    /// <c>rate_limited</c>.
    /// </summary>
    [Range(0, 1_000_000)]
    public int ListPerSecond { get; set; } = 10;

    /// <summary>
    /// Pings of one user, per second on average; twenty times as many at once after a pause. Default: 20. Past it: <c>rate_limited</c>.
    /// </summary>
    [Range(0, 1_000_000)]
    public int PingPerSecond { get; set; } = 20;

    /// <summary>
    /// Runs that one user may begin as copies of others, per minute on average, and so many at once after a pause. Default: 10. Past it:
    /// <c>rate_limited</c>.
    /// </summary>
    [Range(0, 1_000_000)]
    public int BranchPerMinute { get; set; } = 10;

    /// <summary>
    /// Answers that need no token, per second over the whole server; twice as many at once after a pause. Default: 100. It holds for the
    /// API document with the development tokens, for health with the metrics, and ten times as much for the page's files. Past it a request
    /// waits a quarter of a second, and one for a document is then <c>rate_limited</c>; probes and the page are answered.
    /// </summary>
    [Range(0, 1_000_000)]
    public int AnonymousPerSecond { get; set; } = 100;

    /// <summary>
    /// Reads of whole runs from the store at a time (joins, polls and replays of runs that are not in memory, past states, lists of runs).
    /// Default: 4. Past it they wait for their turn, up to five seconds; then: <c>overloaded</c>.
    /// </summary>
    [Range(0, 10_000)]
    public int StoreReads { get; set; } = 4;

    /// <summary>Hub connections and event streams of one user at a time, together. Default: 20. Past it: <c>rate_limited</c>.</summary>
    [Range(0, 1_000_000)]
    public int ConnectionsPerUser { get; set; } = 20;

    /// <summary>Runs that one connection may join. Default: 50.</summary>
    [Range(0, 1_000_000)]
    public int RunsPerConnection { get; set; } = 50;

    /// <summary>Events of this server that wait for their commit, 1–1000000. Default: 10000. Past it: <c>overloaded</c>.</summary>
    [Range(1, 1_000_000)]
    public int QueueLength { get; set; } = 10_000;

    /// <summary>
    /// How far a connection may lag behind a run, in bytes of events, 65536 to 1 GiB. Default: 4 MiB. Past it: it is cut off, and can come
    /// back and replay.
    /// </summary>
    [Range(65_536, 1_073_741_824)]
    public int SubscriberLagBytes { get; set; } = 4 * 1024 * 1024;

    /// <summary>
    /// How much memory the answers to joins may take together that are on their way to clients, in bytes, 1 MiB to 1 TiB. Default: 64 MiB,
    /// some hundreds of the largest. Past it a join waits for its turn, up to five seconds; then: <c>overloaded</c>.
    /// </summary>
    [Range(1_048_576, 1_099_511_627_776d)]
    public long AnswerBytes { get; set; } = 64L * 1024 * 1024;

    /// <summary>
    /// How much memory the kept events of active runs may take together, in bytes, 1 MiB to 1 TiB. Default: 256 MiB. Past it the runs that
    /// were joined or polled longest ago are read from the store again when they are asked for. Each that was asked for counts 2 KiB more,
    /// even without events.
    /// </summary>
    [Range(1_048_576, 1_099_511_627_776d)]
    public long TailBytes { get; set; } = 256L * 1024 * 1024;

    /// <summary>What of it is another for agents.</summary>
    public AgentLimitOptions Agent { get; } = new();

    /// <summary>What holds for a user of a kind, of those members that are about one user.</summary>
    internal LimitOptions For(Protocol.ParticipantKind kind) => kind == Protocol.ParticipantKind.Agent ? Agent.Over(this) : this;
}
