using System.Buffers;
using Collab.AspNetCore.Http;
using Collab.TestKit;
using Collab.UnitTests.Kit;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Xunit;

namespace Collab.UnitTests.Http;

/// <summary>However long an answer is, a client that does not read it holds little of our memory, and not for long.</summary>
public sealed class PacedBodyTests : IDisposable
{
    private readonly byte[] _answer = [.. Enumerable.Range(0, 1_000_000).Select(i => (byte)i)];
    private readonly ManualTime _time = new();
    private readonly PipedClient _client = new();
    private readonly PacedBody _body;

    public PacedBodyTests()
    {
        var http = new DefaultHttpContext();
        http.Features.Set<IHttpResponseBodyFeature>(_client);
        http.Features.Set<IHttpRequestLifetimeFeature>(_client);
        _body = new(http, _time, Some.Metrics());
    }

    public void Dispose() => _client.Dispose();

    [Fact]
    public async Task A_client_that_reads_gets_all_of_it()
    {
        var writing = WriteAsync();
        var read = new List<byte>();
        while (read.Count < _answer.Length)
        {
            var part = (await _client.Reader.ReadAsync().AsTask().WaitAsync(Patience.Default)).Buffer;
            Assert.InRange(part.Length, 1, 2 * PacedBody.PieceBytes);
            read.AddRange(part.ToArray());
            _client.Reader.AdvanceTo(part.End);
        }

        Assert.True(await writing);
        Assert.Equal(_answer, read);
        Assert.False(_client.IsAborted);
    }

    [Fact]
    public async Task A_client_that_does_not_read_is_sent_little_and_is_cut_off()
    {
        var writing = WriteAsync();
        Assert.False(writing.IsCompleted);
        Assert.True(_client.Reader.TryRead(out var sent));
        Assert.InRange(sent.Buffer.Length, 1, 2 * PacedBody.PieceBytes);
        _client.Reader.AdvanceTo(sent.Buffer.Start);
        Assert.False(_client.IsAborted);

        _time.Advance(PacedBody.Patience);

        Assert.False(await writing);
        Assert.True(_client.IsAborted);
    }

    [Fact]
    public async Task For_a_client_that_has_gone_nothing_more_is_written()
    {
        var writing = WriteAsync();
        await _client.Reader.CompleteAsync();

        Assert.False(await writing);
        Assert.False(_client.IsAborted);
    }

    [Fact]
    public async Task Small_things_are_handed_over_once_they_are_a_piece()
    {
        _body.Write(_answer.AsSpan(0, PacedBody.PieceBytes - 1));
        Assert.True(await _body.FlushPieceAsync(CancellationToken.None));
        Assert.False(_client.Reader.TryRead(out _));

        _body.Write(_answer.AsSpan(0, 1));
        var flush = _body.FlushPieceAsync(CancellationToken.None);
        Assert.True(_client.Reader.TryRead(out var sent));
        Assert.Equal(PacedBody.PieceBytes, sent.Buffer.Length);
        _client.Reader.AdvanceTo(sent.Buffer.End);
        Assert.True(await flush);
    }

    private Task<bool> WriteAsync() => _body.WriteAsync(_answer, _client.RequestAborted).AsTask().WaitAsync(Patience.Default);
}
