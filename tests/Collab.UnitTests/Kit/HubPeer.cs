using System.Buffers;
using System.IO.Pipelines;
using System.Text;
using System.Text.Json;
using Collab.AspNetCore.Hub;
using Collab.TestKit;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.SignalR;
using Microsoft.AspNetCore.SignalR.Protocol;
using Microsoft.Extensions.Logging.Abstractions;

namespace Collab.UnitTests.Kit;

/// <summary>The client's end of a hub connection with little room in between, which reads when it is told to.</summary>
internal sealed class HubPeer : IDisposable
{
    private readonly Pipe _toClient = new(new PipeOptions(pauseWriterThreshold: 4096, resumeWriterThreshold: 2048, useSynchronizationContext: false));
    private readonly Pipe _fromClient = new();

    public HubPeer() => Connection = new(
        new DefaultConnectionContext("connection", new Duplex(_fromClient.Reader, _toClient.Writer), new Duplex(_toClient.Reader, _fromClient.Writer)),
        new HubConnectionContextOptions(), NullLoggerFactory.Instance)
    { Protocol = new CollabHubProtocol(new JsonHubProtocol()) };

    public HubConnectionContext Connection { get; }

    /// <summary>Whether nothing has been written that was not read.</summary>
    public bool IsIdle => !_toClient.Reader.TryRead(out _);

    /// <summary>Reads until an event of this number has come.</summary>
    public async Task<List<long>> ReadSequencesAsync(long last) =>
        [.. (await ReadAsync(e => Sequence(e) >= last)).Select(Sequence).OfType<long>()];

    /// <summary>Reads until an event has come.</summary>
    public async Task<List<JsonElement>> ReadAsync(Func<JsonElement, bool> isLast)
    {
        using var patience = new CancellationTokenSource(Patience.Default);
        var events = new List<JsonElement>();
        while (!events.Exists(e => isLast(e)))
        {
            var buffer = (await _toClient.Reader.ReadAsync(patience.Token)).Buffer;
            while (buffer.PositionOf((byte)0x1e) is { } end)
            {
                var message = JsonElement.Parse(Encoding.UTF8.GetString(buffer.Slice(0, end)));
                events.AddRange(message.GetProperty("arguments")[1].EnumerateArray());
                buffer = buffer.Slice(buffer.GetPosition(1, end));
            }
            _toClient.Reader.AdvanceTo(buffer.Start, buffer.End);
        }
        return events;
    }

    public void Dispose()
    {
        _toClient.Reader.Complete();
        _fromClient.Writer.Complete();
    }

    public static long? Sequence(JsonElement e) => e.TryGetProperty("sequenceNumber", out var number) ? number.GetInt64() : null;

    private sealed class Duplex(PipeReader input, PipeWriter output) : IDuplexPipe
    {
        public PipeReader Input { get; } = input;

        public PipeWriter Output { get; } = output;
    }
}
