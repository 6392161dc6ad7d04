namespace Collab.AspNetCore;

/// <summary>
/// Says what is wrong with an event's data, without making an object of it. Runs for each publish: it must be fast, and must not throw.
/// </summary>
/// <param name="data">A JSON object, UTF-8, compact and valid.</param>
/// <returns>A sentence that begins with the JSON path, <c>$.duration must be a whole number.</c>; null if nothing is wrong.</returns>
public delegate string? EventDataCheck(ReadOnlySpan<byte> data);
