using System.Text.Json;
using System.Text.Json.Serialization;
using Collab.AspNetCore.Cluster;
using Collab.Protocol;

namespace Collab.AspNetCore.Administration;

/// <summary>How some of a server's connections fare.</summary>
/// <param name="Total">How many it has.</param>
/// <param name="Rows">Those, in order: the open ones first, of either kind the newest first.</param>
internal sealed record SessionList(int Total, IReadOnlyList<ConnectionMetrics> Rows);

/// <summary>A connection, if the server knows it.</summary>
internal sealed record SessionAnswer(ConnectionMetrics? Session);

/// <summary>Whether a server had a connection, and has ended it.</summary>
internal sealed record EndAnswer(bool HasEnded);

[JsonSourceGenerationOptions(JsonSerializerDefaults.Web)]
[JsonSerializable(typeof(Vitals))]
[JsonSerializable(typeof(ConnectionOverview))]
[JsonSerializable(typeof(RunConnections))]
[JsonSerializable(typeof(SessionList))]
[JsonSerializable(typeof(SessionAnswer))]
[JsonSerializable(typeof(ConnectionsHealth))]
[JsonSerializable(typeof(ConnectionHistory))]
[JsonSerializable(typeof(FlightRecord))]
[JsonSerializable(typeof(CleanupResult))]
[JsonSerializable(typeof(EndAnswer))]
internal sealed partial class AnswersJson : JsonSerializerContext;
