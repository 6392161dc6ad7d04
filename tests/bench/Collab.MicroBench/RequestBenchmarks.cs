using System.Text;
using System.Text.Json;
using BenchmarkDotNet.Attributes;
using Collab.AspNetCore.Events;
using Collab.AspNetCore.FanOut;
using Collab.AspNetCore.Hub;
using Microsoft.AspNetCore.SignalR.Protocol;

namespace Collab.MicroBench;

/// <summary>What comes in and what is asked for: reading the data of a publish, and the answer to a join of a run of 1,000 events.</summary>
public class RequestBenchmarks
{
    private static readonly byte[] Data = Encoding.UTF8.GetBytes($$"""{"after":"ARCHITECT","agentName":"{{new string('x', 160)}}"}""");

    private readonly JsonHubProtocol _protocol = new();
    private readonly Tail _tail = new(1000);
    private System.IO.Pipelines.PipeWriter _output = null!;
    private RunView _view = null!;

    [GlobalSetup]
    public async Task SetUpAsync()
    {
        var run = Guid.NewGuid();
        for (var sequence = 1; sequence <= 1000; sequence++)
            _tail.Add(new(run, sequence, "GRAFT", "alice", userName: null, 1_760_000_000_000, Guid.NewGuid(), Data));
        _output = await Connections.WireAsync(new Sink());
        _view = new(run, Guid.NewGuid(), _tail.After(0), 1000, 1, Truncated: false, "{}"u8.ToArray(), ["alice", "bob"], []);
    }

    [Benchmark(Description = "Read the data of a publish, 200 bytes")]
    public object ReadData()
    {
        var reader = new Utf8JsonReader(Data);
        reader.Read();
        return EventDataReader.Read(ref reader);
    }

    [Benchmark(Description = "Answer a join, 1,000 events")]
    public async Task AnswerJoinAsync()
    {
        _protocol.WriteMessage(CompletionMessage.WithResult("1", new JoinAnswer(_view, null!, new MemoryStream())), _output);
        await _output.FlushAsync();
    }
}
