using System.Buffers;
using Collab.AspNetCore.Http;
using Collab.TestKit;
using Collab.UnitTests.Kit;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.DependencyInjection;
using Xunit;

namespace Collab.UnitTests.Http;

/// <summary>What SignalR writes as the body of an answer is sent at once, in pieces if it is large, and a client that takes nothing is cut off.</summary>
public sealed class PacedStreamTests : IDisposable
{
    private readonly PipedClient _client = new();
    private readonly ManualTime _time = new();
    private readonly DefaultHttpContext _http = new();

    public PacedStreamTests()
    {
        _http.Features.Set<IHttpResponseBodyFeature>(_client);
        _http.Features.Set<IHttpRequestLifetimeFeature>(_client);
        _http.RequestServices = new ServiceCollection().AddSingleton<TimeProvider>(_time).AddSingleton(Some.Metrics()).BuildServiceProvider();
    }

    public void Dispose() => _client.Dispose();

    [Fact]
    public async Task A_large_message_arrives_whole_and_never_more_of_it_waits_than_some_pieces()
    {
        var message = Enumerable.Range(0, 1_000_000).Select(i => (byte)i).ToArray();
        var answering = PacedStream.RunAsync(_http, http => http.Response.Body.WriteAsync(message).AsTask());
        var read = new List<byte>();
        while (read.Count < message.Length)
        {
            var part = (await _client.Reader.ReadAsync().AsTask().WaitAsync(Patience.Default)).Buffer;
            Assert.InRange(part.Length, 1, 2 * PacedBody.PieceBytes);
            read.AddRange(part.ToArray());
            _client.Reader.AdvanceTo(part.End);
        }

        await answering.WaitAsync(Patience.Default);
        Assert.Equal(message, read);
        Assert.Same(_client, _http.Features.Get<IHttpResponseBodyFeature>());
    }

    [Fact]
    public async Task A_small_message_is_sent_without_a_flush_of_its_own()
    {
        var more = new TaskCompletionSource();
        var answering = PacedStream.RunAsync(_http, async http =>
        {
            await http.Response.Body.WriteAsync("data: hello\r\n\r\n"u8.ToArray());
            await more.Task;
        });

        var part = (await _client.Reader.ReadAsync().AsTask().WaitAsync(Patience.Default)).Buffer;

        Assert.Equal("data: hello\r\n\r\n"u8.ToArray(), part.ToArray());
        more.SetResult();
        await answering.WaitAsync(Patience.Default);
    }

    [Fact]
    public async Task A_client_that_takes_nothing_is_cut_off()
    {
        var answering = PacedStream.RunAsync(_http, http => http.Response.Body.WriteAsync(new byte[1_000_000], http.RequestAborted).AsTask());

        await Eventually.TrueAsync(() =>
        {
            _time.Advance(PacedBody.Patience);
            return _client.IsAborted;
        });

        await answering.WaitAsync(Patience.Default);
    }
}
