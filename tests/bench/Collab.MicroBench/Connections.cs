using System.IO.Pipelines;
using Collab.AspNetCore.Hub;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Connections.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.SignalR;
using Microsoft.AspNetCore.SignalR.Protocol;
using Microsoft.Extensions.Logging.Abstractions;

namespace Collab.MicroBench;

/// <summary>Hub connections whose client takes everything at once.</summary>
internal static class Connections
{
    public static HubConnectionContext Over(PipeWriter output, IHubProtocol protocol, string id)
    {
        var transport = new HubTransport(PipeReader.Create(Stream.Null), output);
        return new(new DefaultConnectionContext(id, transport, transport), new HubConnectionContextOptions(), NullLoggerFactory.Instance) { Protocol = protocol };
    }

    /// <summary>As SignalR has it: what is written goes into a pipe, and from there on.</summary>
    public static PipeWriter Pipe(Stream sink) => PipeWriter.Create(sink);

    /// <summary>As Collab has it: straight to the stream below the WebSocket.</summary>
    public static async Task<PipeWriter> WireAsync(Stream sink)
    {
        var wire = new HubWire(new DefaultHttpContext(), new Upgrade(sink));
        await wire.UpgradeAsync();
        return new HubOutput(wire, new TextFormat(), TimeSpan.FromSeconds(10), TimeProvider.System);
    }

    private sealed class Upgrade(Stream stream) : IHttpUpgradeFeature
    {
        public bool IsUpgradableRequest => true;

        public Task<Stream> UpgradeAsync() => Task.FromResult(stream);
    }

    private sealed class TextFormat : ITransferFormatFeature
    {
        public TransferFormat SupportedFormats => TransferFormat.Text;

        public TransferFormat ActiveFormat { get; set; } = TransferFormat.Text;
    }
}

/// <summary>Takes everything at once and counts the writes.</summary>
internal sealed class Sink : MemoryStream
{
    private readonly ManualResetEventSlim _isDone = new();
    private int _expected;

    public void Expect(int writes)
    {
        _isDone.Reset();
        Volatile.Write(ref _expected, writes);
    }

    public void Wait() => _isDone.Wait();

    public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
    {
        if (Interlocked.Decrement(ref _expected) == 0) _isDone.Set();
        return ValueTask.CompletedTask;
    }

    public override void Write(ReadOnlySpan<byte> buffer)
    {
    }

    public override Task FlushAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}
