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
