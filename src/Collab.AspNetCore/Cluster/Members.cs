using System.Text.Json.Serialization;
using Collab.Protocol;

namespace Collab.AspNetCore.Cluster;

/// <summary>What a server says of itself with each heartbeat.</summary>
/// <param name="Name">What people call it: its machine and process.</param>
/// <param name="Version">Which version of the product it runs.</param>
/// <param name="StartedAt">When it began.</param>
/// <param name="Connections">Hub connections that it holds.</param>
/// <param name="Runs">Runs that are active on it.</param>
internal sealed record Vitals(string Name, string Version, DateTimeOffset StartedAt, int Connections, int Runs)
{
    private const int MostCharacters = 100;

    /// <summary>How far it is on its way out.</summary>
    public DrainState State { get; init; }

    /// <summary>Publishes and cursor moves that arrived since it began.</summary>
    public long Messages { get; init; }

    /// <summary>What has failed or was refused since it began.</summary>
    public long Errors { get; init; }

    /// <summary>The same with texts that may stand anywhere, in a header and in a list: they came from outside.</summary>
    public Vitals Cleaned() => this with { Name = Legible(Name), Version = Legible(Version) };

    public static string Legible(string? text) => string.Concat(
        (text ?? "").Take(MostCharacters).Select(c => c is > ' ' and <= '~' and not ',' ? c : '?'));
}

/// <summary>A user whose connections are to be ended, and why.</summary>
internal sealed record UserToEnd(string UserId, string Code, string Message);

/// <summary>How many of a user's connections a server has ended.</summary>
internal sealed record UserEnded(int Ended);

[JsonSourceGenerationOptions(System.Text.Json.JsonSerializerDefaults.Web)]
[JsonSerializable(typeof(Vitals))]
[JsonSerializable(typeof(UserToEnd))]
[JsonSerializable(typeof(UserEnded))]
[JsonSerializable(typeof(Question))]
internal sealed partial class ClusterJson : JsonSerializerContext;

/// <summary>Another server, as it was heard last.</summary>
internal sealed record Member(Guid Id, Vitals Vitals, long HeardAt, bool IsLeaving);

/// <summary>
/// The other servers: those that were heard of lately. One that says goodbye stays for a grace, in which its users come back elsewhere.
/// </summary>
internal sealed class Members(TimeProvider time)
{
    /// <summary>A server that is silent for so long is dead.</summary>
    private static readonly TimeSpan SilentFor = TimeSpan.FromSeconds(6);

    /// <summary>How long the users of a server that has ended in order are taken to be on their way to another.</summary>
    private static readonly TimeSpan Grace = TimeSpan.FromSeconds(10);

    /// <summary>Another server answers a first heartbeat well within this.</summary>
    private static readonly TimeSpan AnsweredWithin = TimeSpan.FromSeconds(1);

    private readonly Lock _gate = new();
    private readonly Dictionary<Guid, Member> _others = [];
    private long? _firstEcho;
    private long? _lastEcho;

    /// <summary>What <see cref="IsAlone"/> was when it was looked at last: it is asked with each event.</summary>
    private volatile bool _isAlone;

    /// <summary>This server, since its start.</summary>
    public Guid Self { get; } = Guid.NewGuid();

    /// <summary>
    /// Whether there is no other server: this one hears itself on the bus, and no other. In doubt there may be one. That one has come is
    /// noticed at once, that all are gone with the next <see cref="TakeGone"/>.
    /// </summary>
    public bool IsAlone => _isAlone;

    /// <summary>Whether its own messages came back to it lately: it hears the bus, whatever the connection says.</summary>
    public bool HearsItself
    {
        get
        {
            lock (_gate) return _lastEcho is { } last && time.GetElapsedTime(last) < SilentFor;
        }
    }

    public IReadOnlyList<Member> Others
    {
        get
        {
            lock (_gate) return [.. _others.Values];
        }
    }

    /// <summary>Whether a server is there, and stays.</summary>
    public bool IsThere(Guid id)
    {
        lock (_gate) return _others.TryGetValue(id, out var member) && !member.IsLeaving;
    }

    /// <summary>How long ago a server was heard of.</summary>
    public TimeSpan SilenceOf(Member member) => time.GetElapsedTime(member.HeardAt);

    /// <summary>This server's own heartbeat came back.</summary>
    public void Echoed()
    {
        lock (_gate)
        {
            // Who heard nothing for a while has not heard from the others either.
            if (!HearsItself) foreach (var (id, member) in _others.ToArray()) _others[id] = member with { HeardAt = time.GetTimestamp() };
            _lastEcho = time.GetTimestamp();
            _firstEcho ??= _lastEcho;
        }
    }

    /// <summary>The bus is gone: what was heard over it before says nothing about now.</summary>
    public void Deafened()
    {
        lock (_gate) (_lastEcho, _isAlone) = (null, false);
    }

    /// <summary>A server is there.</summary>
    /// <returns>Whether it was not known before.</returns>
    public bool Heard(Guid id, Vitals vitals)
    {
        lock (_gate)
        {
            var isNew = !_others.TryGetValue(id, out var before);
            // What it said before its goodbye may come after it.
            if (before is { IsLeaving: true }) return false;
            _others[id] = new(id, vitals, time.GetTimestamp(), IsLeaving: false);
            _isAlone = false;
            return isNew;
        }
    }

    /// <summary>A server ends in order.</summary>
    public void Left(Guid id)
    {
        lock (_gate)
        {
            if (_others.TryGetValue(id, out var member)) _others[id] = member with { HeardAt = time.GetTimestamp(), IsLeaving = true };
        }
    }

    /// <summary>Takes out the servers that are gone.</summary>
    public IReadOnlyList<Guid> TakeGone()
    {
        lock (_gate)
        {
            _isAlone = false;
            // Silence is the bus's own where this server does not hear itself.
            if (!HearsItself) return [];
            Guid[] gone =
            [
                .. _others.Values.Where(m => time.GetElapsedTime(m.HeardAt) > (m.IsLeaving ? Grace : SilentFor)).Select(m => m.Id),
            ];
            foreach (var id in gone) _others.Remove(id);
            _isAlone = _others.Count == 0 && time.GetElapsedTime(_firstEcho!.Value) > AnsweredWithin;
            return gone;
        }
    }
}
