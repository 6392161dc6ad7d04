using System.Collections.Concurrent;
using System.Net.Http.Json;
using Collab.Client;
using Collab.Protocol;

namespace Collab.Cli.Server;

/// <summary>Where tokens come from.</summary>
internal interface ITokens
{
    /// <summary>Whether each client can be a user of its own.</summary>
    bool CanBeAnybody { get; }

    /// <summary>What to try when the server does not accept the token.</summary>
    string Advice { get; }

    /// <summary>Gets a token.</summary>
    /// <param name="number">Which of several users asks; null if there is only one.</param>
    /// <param name="stop">Gives up.</param>
    ValueTask<string> GetAsync(int? number, CancellationToken stop);

    /// <summary>What that user signs publishes with, where that comes with the token; null: it does not.</summary>
    /// <param name="number">Which of several users; null if there is only one.</param>
    PublishSigner? SignerOf(int? number) => null;
}

/// <summary>One token, given at the start.</summary>
internal sealed class GivenToken(string text) : ITokens
{
    private readonly string _token = Checked(text);

    public bool CanBeAnybody => false;

    public string Advice => "Is it for this server, and still valid?";

    public ValueTask<string> GetAsync(int? number, CancellationToken stop) => new(_token);

    /// <summary>A token without the white space around it.</summary>
    /// <exception cref="UsageException">It cannot be one.</exception>
    public static string Checked(string text)
    {
        var token = text.Trim();
        return token.Length > 0 && token.All(c => c is > ' ' and <= '~')
            ? token
            : throw new UsageException("The token is empty, or has characters that no token has.");
    }
}

/// <summary>A token in a file, which another process may keep up to date.</summary>
internal sealed class TokenFile : ITokens
{
    private readonly string _path;

    public TokenFile(string path)
    {
        _path = path.Length > 0 ? path : throw new UsageException("--token-file names no file.");
        Read();
    }

    public bool CanBeAnybody => false;

    public string Advice => "Is the one in the file for this server, and still valid?";

    public ValueTask<string> GetAsync(int? number, CancellationToken stop) => new(Read());

    private string Read()
    {
        try
        {
            return GivenToken.Checked(File.ReadAllText(_path));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new UsageException($"The token cannot be read: {e.Message}");
        }
    }
}

/// <summary>Tokens of a development server on this machine, for any user, a person or an agent.</summary>
internal sealed class DevelopmentTokens(Uri server, string user, bool isAgent = false) : ITokens
{
    /// <summary>The caller says how long it waits for a token.</summary>
    private static readonly HttpClient Http = new() { Timeout = Timeout.InfiniteTimeSpan };

    /// <summary>What came with the newest token of each user.</summary>
    private readonly ConcurrentDictionary<int, string?> _secrets = new();

    public bool CanBeAnybody => true;

    public string Advice => "This server gives out no development tokens: put one into COLLAB_TOKEN, or into a file for --token-file.";

    /// <summary>Empty if the server has none to give: it then says itself that it wants one.</summary>
    public async ValueTask<string> GetAsync(int? number, CancellationToken stop)
    {
        var name = number is { } n ? $"{user}-{n}" : user;
        var kind = isAgent ? "&kind=agent" : "";
        var address = new Uri($"{server.AbsoluteUri.TrimEnd('/')}/dev/token?user={Uri.EscapeDataString(name)}{kind}");
        using var response = await Http.GetAsync(address, stop);
        if (response.Content.Headers.ContentType?.MediaType != "application/json" || !response.IsSuccessStatusCode) return "";
        var answer = await response.Content.ReadFromJsonAsync(CollabJson.Default.DevToken, stop);
        _secrets[number ?? -1] = answer?.SigningSecret;
        return answer?.Token ?? "";
    }

    public PublishSigner? SignerOf(int? number) => PublishSigner.Hmac((_, _) => new(_secrets.GetValueOrDefault(number ?? -1)));
}
