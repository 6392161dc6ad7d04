using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using Collab.Protocol;
using Collab.TestKit;
using Xunit;

namespace Collab.IntegrationTests;

/// <summary>HTTP requests as they are written, which no proper client would send.</summary>
internal static class RawHttp
{
    /// <summary>Sends a request.</summary>
    /// <param name="server">Where to.</param>
    /// <param name="method">The method.</param>
    /// <param name="path">From the server's root, with its query.</param>
    /// <param name="token">Sent in the header; null sends none.</param>
    /// <param name="body">Sent as JSON, whatever it is; null sends no body.</param>
    /// <param name="headers">Further headers, not looked at.</param>
    public static async Task<ApiResponse> SendAsync(
        Uri server, HttpMethod method, string path, string? token, string? body = null, params (string Name, string Value)[] headers)
    {
        using var http = new HttpClient { BaseAddress = server, Timeout = Patience.Default };
        using var request = new HttpRequestMessage(method, new Uri(path, UriKind.Relative));
        if (token is not null) request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", token);
        if (body is not null) request.Content = new StringContent(body, Encoding.UTF8, "application/json");
        foreach (var (name, value) in headers) request.Headers.TryAddWithoutValidation(name, value);
        using var response = await http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
        var isStream = response.Content.Headers.ContentType?.MediaType == "text/event-stream";
        var text = isStream ? "" : await response.Content.ReadAsStringAsync();
        return new ApiResponse(response.StatusCode, response.Headers, response.Content.Headers.ContentType?.MediaType, text);
    }

    /// <summary>Publishes a body as it is written.</summary>
    public static Task<ApiResponse> PublishAsync(Uri server, Guid runId, string token, string body) =>
        SendAsync(server, HttpMethod.Post, $"api/runs/{runId}/collaboration/events", token, body);

    /// <summary>The answer is problem details with this code and its status, and shows nothing of how the server is made.</summary>
    public static void AssertRefused(CollabErrorCode code, ApiResponse answer)
    {
        Assert.True(code == answer.Code, $"Expected {code}, got {answer}");
        Assert.Equal(code.ToHttpStatus(), (int)answer.Status);
        Assert.Equal(JsonValueKind.Object, answer.Json.ValueKind);
        Assert.DoesNotContain("   at ", answer.Body, StringComparison.Ordinal);
        Assert.DoesNotContain("Exception", answer.Body, StringComparison.Ordinal);
    }

    /// <summary>Refused in a form that a program can read, for a reason that no code stands for.</summary>
    public static void AssertProblem(HttpStatusCode status, ApiResponse answer)
    {
        Assert.True(status == answer.Status, $"Expected {status}, got {answer}");
        Assert.Equal("application/problem+json", answer.ContentType);
        Assert.DoesNotContain("Exception", answer.Body, StringComparison.Ordinal);
    }
}
