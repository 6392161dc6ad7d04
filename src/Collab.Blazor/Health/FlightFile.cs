using System.Text.Encodings.Web;
using System.Text.Json;
using Collab.Client;

namespace Collab.Blazor;

/// <summary>What became of a connection, as a file that a browser makes of an address.</summary>
internal static class FlightFile
{
    private static readonly JsonWriterOptions Indented = new() { Indented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public static string Address(ConnectionFlight flight) =>
        "data:application/json;base64," + Convert.ToBase64String(Write(flight));

    /// <summary>The same as the TypeScript client's.</summary>
    private static byte[] Write(ConnectionFlight flight)
    {
        using var bytes = new MemoryStream();
        using (var json = new Utf8JsonWriter(bytes, Indented))
        {
            json.WriteStartObject();
            json.WriteString("traceId", flight.TraceId);
            json.WriteStartArray("entries");
            foreach (var entry in flight.Entries)
            {
                json.WriteStartObject();
                json.WriteNumber("at", entry.At.ToUnixTimeMilliseconds());
                json.WriteString("step", entry.Step.ToString().ToLowerInvariant());
                json.WriteString("cause", entry.Cause);
                json.WriteNumber("times", entry.Times);
                json.WriteEndObject();
            }
            json.WriteEndArray();
            json.WriteEndObject();
        }
        return bytes.ToArray();
    }
}
