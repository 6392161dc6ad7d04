using System.Net;
using System.Text.RegularExpressions;
using Collab.TestKit;
using Xunit;

namespace Collab.IntegrationTests.Http;

/// <summary>The web page is there at each of its places, safe and small; where it is not, the API still answers as an API.</summary>
public sealed partial class DemoPageTests(GenerousServer server) : IClassFixture<GenerousServer>
{
    [Theory]
    [InlineData("")]
    [InlineData("runs/550e8400-e29b-41d4-a716-446655440000?user=ana")]
    [InlineData("admin")]
    public async Task Each_place_answers_with_the_document_under_a_policy_of_its_own(string place)
    {
        using var http = Client();

        using var first = await http.GetAsync(new Uri(place, UriKind.Relative));
        using var second = await http.GetAsync(new Uri(place, UriKind.Relative));

        Assert.Equal("text/html", first.Content.Headers.ContentType?.MediaType);
        Assert.True(first.Headers.CacheControl?.NoCache);
        var nonces = await Task.WhenAll(NonceAsync(first), NonceAsync(second));
        Assert.NotEqual(nonces[0], nonces[1]);
        var document = await first.Content.ReadAsStringAsync();
        Assert.Contains($"nonce=\"{nonces[0]}\"", document, StringComparison.OrdinalIgnoreCase);
        Assert.DoesNotContain("CSP_NONCE", document, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Its_scripts_come_compressed_and_are_kept_for_ever()
    {
        using var http = Client();
        var document = await http.GetStringAsync(new Uri("", UriKind.Relative));
        var scripts = Script().Matches(document).Select(m => m.Groups["path"].Value).ToArray();
        Assert.NotEmpty(scripts);

        foreach (var script in scripts)
        {
            using var plain = await http.GetAsync(new Uri(script, UriKind.Relative));
            using var request = new HttpRequestMessage(HttpMethod.Get, new Uri(script, UriKind.Relative));
            request.Headers.TryAddWithoutValidation("Accept-Encoding", "gzip, br");
            using var compressed = await http.SendAsync(request);

            Assert.Equal("text/javascript", plain.Content.Headers.ContentType?.MediaType);
            Assert.Equal(TimeSpan.FromDays(365), plain.Headers.CacheControl?.MaxAge);
            Assert.Empty(plain.Content.Headers.ContentEncoding);
            var length = (await plain.Content.ReadAsByteArrayAsync()).Length;
            if (length < 1024) continue;
            Assert.Equal(["br"], compressed.Content.Headers.ContentEncoding);
            // A small file has little that repeats.
            Assert.InRange((await compressed.Content.ReadAsByteArrayAsync()).Length, 1, length < 4096 ? length - 1 : length / 2);
        }
    }

    [Fact]
    public async Task What_has_not_changed_is_not_sent_again()
    {
        using var http = Client();
        using var first = await http.GetAsync(new Uri("theme.js", UriKind.Relative));
        using var request = new HttpRequestMessage(HttpMethod.Get, new Uri("theme.js", UriKind.Relative));
        request.Headers.IfNoneMatch.Add(first.Headers.ETag!);

        using var second = await http.SendAsync(request);

        Assert.True(first.Headers.CacheControl?.NoCache);
        Assert.Equal(HttpStatusCode.NotModified, second.StatusCode);
    }

    [Theory]
    [InlineData("api/nothing")]
    [InlineData("runs/a/b")]
    [InlineData("index.html.br")]
    [InlineData("..%2fCollab.Server.dll")]
    public async Task Nothing_else_is_the_page(string path)
    {
        var answer = await RawHttp.SendAsync(server.Address, HttpMethod.Get, path, token: null);

        Assert.Equal(HttpStatusCode.NotFound, answer.Status);
        Assert.Equal(404, answer.Json.GetProperty("status").GetInt32());
    }

    [Theory]
    [InlineData("", "./")]
    [InlineData("admin", "./")]
    [InlineData("runs/550e8400-e29b-41d4-a716-446655440000", "../")]
    [InlineData("runs/550e8400-e29b-41d4-a716-446655440000/", "../../")]
    [InlineData("nothing/of/this/kind", "../../../")]
    public async Task The_document_finds_its_files_below_any_path_that_a_proxy_has_put_in_front(string place, string back)
    {
        using var answer = await OpenAsync(place);

        var document = await answer.Content.ReadAsStringAsync();
        Assert.Contains($"<base href=\"{back}\">", document, StringComparison.Ordinal);
        Assert.DoesNotMatch("""(src|href)="/""", document);
    }

    [Theory]
    [InlineData("nothing")]
    [InlineData("runs/a/b")]
    [InlineData("apis")]
    public async Task Who_opens_an_unknown_address_in_a_browser_gets_the_page_that_says_so(string place)
    {
        using var answer = await OpenAsync(place);

        Assert.Equal(HttpStatusCode.NotFound, answer.StatusCode);
        Assert.Equal("text/html", answer.Content.Headers.ContentType?.MediaType);
        Assert.Contains("Content-Security-Policy", answer.Headers.Select(h => h.Key));
        Assert.Contains("<collab-root", await answer.Content.ReadAsStringAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_page_of_components_is_there_in_Development_only()
    {
        await using var development = await ServerProcess.StartAsync(new ServerSettings { Environment = "Development" });
        foreach (var method in new[] { HttpMethod.Get, HttpMethod.Head })
        {
            using var there = await OpenAsync("components", development.BaseAddress, method);
            using var unknown = await OpenAsync("components", method: method);

            Assert.Equal(HttpStatusCode.OK, there.StatusCode);
            Assert.Equal(HttpStatusCode.NotFound, unknown.StatusCode);
            Assert.Equal("text/html", unknown.Content.Headers.ContentType?.MediaType);
        }
    }

    [Theory]
    [InlineData("api/nothing")]
    [InlineData("API/nothing")]
    [InlineData("hubs/nothing")]
    [InlineData("health/nothing")]
    [InlineData("openapi/nothing")]
    [InlineData("dev/nothing")]
    public async Task Below_the_paths_of_programs_a_browser_gets_no_page(string path)
    {
        using var answer = await OpenAsync(path);

        Assert.Equal(HttpStatusCode.NotFound, answer.StatusCode);
        Assert.NotEqual("text/html", answer.Content.Headers.ContentType?.MediaType);
    }

    /// <summary>As a browser opens an address.</summary>
    private async Task<HttpResponseMessage> OpenAsync(string path, Uri? address = null, HttpMethod? method = null)
    {
        using var http = new HttpClient { BaseAddress = address ?? server.Address, Timeout = Patience.Default };
        using var request = new HttpRequestMessage(method ?? HttpMethod.Get, new Uri(path, UriKind.Relative));
        request.Headers.TryAddWithoutValidation("Accept", "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8");
        return await http.SendAsync(request);
    }

    private static async Task<string> NonceAsync(HttpResponseMessage answer)
    {
        answer.EnsureSuccessStatusCode();
        var policy = Assert.Single(answer.Headers.GetValues("Content-Security-Policy"));
        Assert.Contains("default-src 'none'", policy, StringComparison.Ordinal);
        Assert.DoesNotContain("unsafe", policy, StringComparison.Ordinal);
        await answer.Content.LoadIntoBufferAsync();
        return Nonce().Match(policy).Groups["nonce"].Value;
    }

    private HttpClient Client() => new() { BaseAddress = server.Address, Timeout = Patience.Default };

    [GeneratedRegex("'nonce-(?<nonce>[^']{20,})'", RegexOptions.NonBacktracking | RegexOptions.ExplicitCapture)]
    private static partial Regex Nonce();

    [GeneratedRegex("""(?:src|href)="(?<path>[\w-]+-[A-Z0-9]{8}\.js)["]""", RegexOptions.NonBacktracking | RegexOptions.ExplicitCapture)]
    private static partial Regex Script();
}
