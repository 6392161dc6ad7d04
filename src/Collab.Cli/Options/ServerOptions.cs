using System.CommandLine;
using Collab.Cli.Server;
using Collab.Client;
using Collab.Protocol;

namespace Collab.Cli.Options;

/// <summary>The options that every command has: where the server is, who asks, and for how long.</summary>
internal static class ServerOptions
{
    private const string Local = "http://127.0.0.1:5080";

    private static readonly Option<string?> Server = new("--server", "-s")
    {
        Description = $"The server's address. Or COLLAB_SERVER. [default: {Local}]",
        HelpName = "ADDRESS",
        Recursive = true,
    };

    private static readonly Option<string?> Token = new("--token")
    {
        Description = "The token (JWT). Everybody on this machine can see it there: better in COLLAB_TOKEN or a file.",
        HelpName = "TOKEN",
        Recursive = true,
    };

    private static readonly Option<string?> TokenFile = new("--token-file")
    {
        Description = "A file with the token, read again whenever a token is needed. '-': standard input.",
        HelpName = "FILE",
        Recursive = true,
    };

    private static readonly Option<string?> User = new("--user", "-u")
    {
        Description = "Ask a development server on this machine for a token of this user. Without any token: your login name.",
        HelpName = "NAME",
        Recursive = true,
    };

    private static readonly Option<bool> AsAgent = new("--as-agent")
    {
        Description = "That user is an agent and not a person: others see it as one, and it has the limits of agents.",
        Recursive = true,
    };

    private static readonly Option<string?> SigningSecret = new("--signing-secret")
    {
        Description = "The user's secret, where publishes must be signed. Everybody on this machine can see it there: "
            + "better in COLLAB_SIGNING_SECRET.",
        HelpName = "SECRET",
        Recursive = true,
    };

    private static readonly Option<TimeSpan> Timeout = new("--timeout")
    {
        Description = "How long to go on trying before giving up (not for watch). [default: 15s]",
        HelpName = "TIME",
        Recursive = true,
        CustomParser = Duration.Parse,
    };

    public static void AddTo(RootCommand root)
    {
        foreach (var option in new Option[] { Server, Token, TokenFile, User, AsAgent, SigningSecret, Timeout })
            root.Options.Add(option);
    }

    /// <summary>What the command line and the environment say.</summary>
    /// <exception cref="UsageException">They make no sense.</exception>
    public static Target Read(ParseResult parsed)
    {
        var server = Address(parsed.GetValue(Server) ?? Variable("COLLAB_SERVER") ?? Local);
        var timeout = parsed.GetResult(Timeout) is null ? TimeSpan.FromSeconds(15) : parsed.GetValue(Timeout);
        return new(server, Tokens(parsed, server), timeout) { Signer = Signer(parsed) };
    }

    private static PublishSigner? Signer(ParseResult parsed)
    {
        try
        {
            return (parsed.GetValue(SigningSecret) ?? Variable("COLLAB_SIGNING_SECRET")) is { } secret ? PublishSigner.Hmac(secret) : null;
        }
        catch (ArgumentException)
        {
            throw new UsageException($"The signing secret is too short: it has {ClientSecrets.MinimumBytes} bytes or more.");
        }
    }

    private static Uri Address(string text) =>
        Uri.TryCreate(text, UriKind.Absolute, out var address) && address.Scheme is "http" or "https"
            ? address
            : throw new UsageException($"'{text}' is not the address of a server: it begins with http:// or https://.");

    private static ITokens Tokens(ParseResult parsed, Uri server)
    {
        var (token, file, user) = (parsed.GetValue(Token), parsed.GetValue(TokenFile), parsed.GetValue(User));
        if (new[] { token, file, user }.Count(text => text is not null) > 1)
            throw new UsageException("Only one of --token, --token-file and --user can be given.");
        var isAgent = parsed.GetValue(AsAgent);
        if (isAgent && (token ?? file) is not null)
            throw new UsageException("--as-agent is about the token of a development server; one that is given says itself whose it is.");
        if (token is not null) return new GivenToken(token);
        if (file is not null) return file == "-" ? new GivenToken(StandardInput.Read()) : new TokenFile(file);
        if (user is null && !isAgent && Variable("COLLAB_TOKEN") is { } given) return new GivenToken(given);
        return user is not null || server.IsLoopback
            ? new DevelopmentTokens(server, user ?? Environment.UserName, isAgent)
            : throw new UsageException("A token is needed: put it into COLLAB_TOKEN, or into a file for --token-file.");
    }

    private static string? Variable(string name) => Environment.GetEnvironmentVariable(name) is { Length: > 0 } text ? text : null;
}
