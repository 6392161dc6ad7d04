using System.Text;
using BenchmarkDotNet.Attributes;
using Collab.AspNetCore.Events;
using Collab.AspNetCore.FanOut;
using Collab.AspNetCore.Hub;

namespace Collab.MicroBench;

/// <summary>What it costs to make a hub's message of a frame, which is done once for all followers of a protocol.</summary>
public class FrameBenchmarks
{
    private static readonly Guid Run = Guid.NewGuid();
    private static readonly byte[] Data = Encoding.UTF8.GetBytes($$"""{"after":"ARCHITECT","agentName":"{{new string('x', 165)}}"}""");

    private LoggedEvent[] _events = [];

    [Params(1, 55)]
    public int Events { get; set; }

    [GlobalSetup]
    public void SetUp() =>
        _events = [.. Enumerable.Range(1, Events).Select(n => new LoggedEvent(Run, n, "GRAFT", "alice", userName: null, 1_760_000_000_000, Guid.NewGuid(), Data))];

    [Benchmark(Baseline = true)]
    public int Json() => Frame.Apart(Run, _events, []).In(HubFrames.Json).Length;

    [Benchmark]
    public int MessagePack() => Frame.Apart(Run, _events, []).In(HubFrames.MessagePack).Length;
}
