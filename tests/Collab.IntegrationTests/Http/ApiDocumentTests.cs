using System.IO.Compression;
using System.Net;
using System.Net.Http.Headers;
using System.Text.Json;
using Collab.TestKit;
using Xunit;

namespace Collab.IntegrationTests.Http;

/// <summary>The API document is made once: who has it is told so, and who does not gets it compressed.</summary>
public sealed class ApiDocumentTests(GenerousServer server) : IClassFixture<GenerousServer>
{
    [Theory]
    [InlineData("gzip, br", "br")]
    [InlineData("gzip", "gzip")]
    [InlineData("gzip;q=0, identity", null)]
    [InlineData(null, null)]
    public async Task It_comes_in_the_best_form_that_the_client_takes(string? accepted, string? coding)
    {
        using var answer = await SendAsync(HttpMethod.Get, accepted);

        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        Assert.Equal(coding, answer.Content.Headers.ContentEncoding.SingleOrDefault());
        Assert.Equal("Accept-Encoding", Assert.Single(answer.Headers.Vary));
        Assert.Equal("application/json", answer.Content.Headers.ContentType!.MediaType);
        await using var body = Decompress(await answer.Content.ReadAsStreamAsync(), coding);
        using var document = await JsonDocument.ParseAsync(body);
        Assert.True(document.RootElement.GetProperty("paths").EnumerateObject().Any());
    }

    [Theory]
    [InlineData("br")]
    [InlineData(null)]
    public async Task A_client_that_has_it_is_told_so(string? accepted)
    {
        using var first = await SendAsync(HttpMethod.Get, accepted);
        using var again = await SendAsync(HttpMethod.Get, accepted, first.Headers.ETag);
        using var other = await SendAsync(HttpMethod.Get, accepted, new("\"another\""));

        Assert.Equal(HttpStatusCode.NotModified, again.StatusCode);
        Assert.Equal(first.Headers.ETag, again.Headers.ETag);
        Assert.Empty(await again.Content.ReadAsByteArrayAsync());
        Assert.Equal(HttpStatusCode.OK, other.StatusCode);
    }

    [Fact]
    public async Task Its_forms_have_tags_of_their_own()
    {
        using var plain = await SendAsync(HttpMethod.Get, null);
        using var compressed = await SendAsync(HttpMethod.Get, "br");

        Assert.NotEqual(plain.Headers.ETag, compressed.Headers.ETag);
        Assert.True(compressed.Content.Headers.ContentLength < plain.Content.Headers.ContentLength / 4);
    }

    [Fact]
    public async Task Its_head_alone_can_be_asked_for()
    {
        using var head = await SendAsync(HttpMethod.Head, null);

        Assert.Equal(HttpStatusCode.OK, head.StatusCode);
        Assert.True(head.Content.Headers.ContentLength > 0);
        Assert.NotNull(head.Headers.ETag);
    }

    private async Task<HttpResponseMessage> SendAsync(HttpMethod method, string? accepted, EntityTagHeaderValue? known = null)
    {
        using var http = new HttpClient(new SocketsHttpHandler { AutomaticDecompression = DecompressionMethods.None }) { Timeout = Patience.Default };
        using var request = new HttpRequestMessage(method, new Uri(server.Address, "openapi/v1.json"));
        if (accepted is not null) request.Headers.Add("Accept-Encoding", accepted);
        if (known is not null) request.Headers.IfNoneMatch.Add(known);
        return await http.SendAsync(request);
    }

    private static Stream Decompress(Stream body, string? coding) => coding switch
    {
        "br" => new BrotliStream(body, CompressionMode.Decompress),
        "gzip" => new GZipStream(body, CompressionMode.Decompress),
        _ => body,
    };
}
