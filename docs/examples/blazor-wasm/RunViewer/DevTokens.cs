using System.Net.Http.Json;
using Collab.Protocol;

namespace RunViewer;

/// <summary>A Collab server in Development hands out tokens to anybody. A real application asks its sign-in.</summary>
internal static class DevTokens
{
    /// <param name="server">Where the server is.</param>
    /// <param name="query">Whose the token is, as <c>?user=ana</c>.</param>
    /// <param name="stop">Gives up.</param>
    public static async Task<string> GetAsync(Uri server, string query, CancellationToken stop)
    {
        using var http = new HttpClient { BaseAddress = server };
        var answer = await http.GetFromJsonAsync($"dev/token{query}", CollabJson.Default.DevToken, stop);
        return answer!.Token;
    }
}
