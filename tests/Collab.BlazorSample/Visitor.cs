using Collab.Protocol;

namespace Collab.BlazorSample;

/// <summary>Who sits at the browser of this circuit. A real application asks its sign-in.</summary>
/// <param name="tokens">Gives a token to anybody.</param>
public sealed class Visitor(DevTokens tokens)
{
    /// <summary>What they call themselves.</summary>
    public string Name { get; set; } = "";

    /// <summary>A token of theirs.</summary>
    public ValueTask<string> GetTokenAsync(CancellationToken stop) => new(tokens.CreateAsync(Name, stop));
}

/// <summary>The tokens that a Collab server in Development hands out.</summary>
/// <param name="http">Calls the server.</param>
public sealed class DevTokens(HttpClient http)
{
    /// <summary>A token of a user who may write to every run.</summary>
    public async Task<string> CreateAsync(string user, CancellationToken stop)
    {
        var answer = await http.GetFromJsonAsync($"dev/token?user={Uri.EscapeDataString(user)}", CollabJson.Default.DevToken, stop);
        return answer!.Token;
    }
}
