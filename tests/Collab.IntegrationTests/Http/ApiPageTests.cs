using System.Net;
using System.Text.RegularExpressions;
using Collab.TestKit;
using Xunit;

namespace Collab.IntegrationTests.Http;

/// <summary>The page on which the API can be read and tried: in Development, and from this server alone.</summary>
public sealed partial class ApiPageTests
{
    [Fact]
    public async Task In_development_it_shows_the_document_and_asks_no_other_server()
    {
        await using var server = await ServerProcess.StartAsync(new() { Environment = "Development" });
        using var http = new HttpClient { BaseAddress = server.BaseAddress, Timeout = Patience.Default };

        var page = await http.GetStringAsync("api-docs");
        using var script = await http.GetAsync("api-docs/scalar.js");

        Assert.Contains("openapi/v1.json", page, StringComparison.Ordinal);
        Assert.Empty(OtherServer().Matches(page));
        Assert.Equal("text/javascript", script.Content.Headers.ContentType?.MediaType);
    }

    [Fact]
    public async Task Elsewhere_there_is_none()
    {
        await using var server = await ServerProcess.StartAsync(new());
        using var http = new HttpClient { BaseAddress = server.BaseAddress, Timeout = Patience.Default };

        using var page = await http.GetAsync("api-docs");

        Assert.Equal(HttpStatusCode.NotFound, page.StatusCode);
    }

    [GeneratedRegex("https?://(?!127\\.0\\.0\\.1)[^\"' ]+", RegexOptions.None, matchTimeoutMilliseconds: 5000)]
    private static partial Regex OtherServer();
}
