using System.IO.Pipelines;
using Microsoft.AspNetCore.Http.Features;

namespace Collab.UnitTests.Kit;

/// <summary>A client with as much room between it and the server as Kestrel gives it.</summary>
internal sealed class PipedClient : IHttpResponseBodyFeature, IHttpRequestLifetimeFeature, IDisposable
{
    private readonly CancellationTokenSource _aborted = new();
    private readonly Pipe _pipe = new(new(pauseWriterThreshold: 64 * 1024, resumeWriterThreshold: 32 * 1024));

    public PipedClient() => RequestAborted = _aborted.Token;

    public PipeReader Reader => _pipe.Reader;

    public bool IsAborted => _aborted.IsCancellationRequested;

    public CancellationToken RequestAborted { get; set; }

    public PipeWriter Writer => _pipe.Writer;

    public Stream Stream => Writer.AsStream();

    public void Abort() => _aborted.Cancel();

    public Task StartAsync(CancellationToken cancellationToken = default) => Task.CompletedTask;

    public Task CompleteAsync() => Task.CompletedTask;

    public Task SendFileAsync(string path, long offset, long? count, CancellationToken cancellationToken = default) => throw new NotSupportedException();

    public void DisableBuffering()
    {
    }

    public void Dispose() => _aborted.Dispose();
}
