using System.Text;
using Collab.AspNetCore.Events;
using Collab.AspNetCore.FanOut;
using Collab.AspNetCore.Hub;

namespace Collab.MicroBench;

/// <summary>How many bytes of a socket a delivered event of 200 bytes of data takes, with the header of its WebSocket frame, by protocol and events per frame.</summary>
internal static class FrameBytes
{
    private static readonly byte[] Data = Encoding.UTF8.GetBytes($$"""{"after":"ARCHITECT","agentName":"{{new string('x', 165)}}"}""");

    public static void Print()
    {
        Console.WriteLine($"Bytes per event of {Data.Length} bytes of data, WebSocket header included:");
        Console.WriteLine("| events per frame | JSON | MessagePack | of it |");
        Console.WriteLine("|---|---|---|---|");
        foreach (var events in (int[])[1, 10, 55, 150])
        {
            var run = Guid.NewGuid();
            LoggedEvent[] all = [.. Enumerable.Range(1000, events).Select(n => New(run, n))];
            var frame = Frame.Apart(run, all, []);
            var (json, packed) = (frame.In(HubFrames.Json).Framed.Length, frame.In(HubFrames.MessagePack).Framed.Length);
            Console.WriteLine($"| {events} | {(double)json / events:F1} | {(double)packed / events:F1} | {(double)packed / json:P1} |");
        }
    }

    private static LoggedEvent New(Guid run, long sequence) =>
        new(run, sequence, "GRAFT", "user_123", userName: null, 1_760_000_000_000, Guid.CreateVersion7(), Data);
}
