using System.Text.Json.Serialization;

namespace Collab.Protocol;

/// <summary>The body of <c>POST /api/runs</c>: a new run that begins as a copy of another.</summary>
/// <param name="From">The run to copy. The caller needs the right to read it.</param>
/// <param name="AtSequence">The number of the last event to copy, one that is still kept.</param>
/// <param name="RunId">
/// What to call the new run, which nothing may have been written to. The caller needs the right to write to it. A repeat with the same
/// three values is answered as the first time. Null or absent: the server makes an id, and a repeat makes another run.
/// </param>
public sealed record BranchRequest(
    Guid From, long AtSequence, [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] Guid? RunId = null);
