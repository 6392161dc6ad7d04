using Collab.Cli.Options;
using Collab.Client;
using Collab.Protocol;

namespace Collab.Cli.Server;

/// <summary>The server, who asks it, and for how long.</summary>
internal sealed record Target(Uri Server, ITokens Tokens, TimeSpan Timeout)
{
    /// <summary>What went wrong last, for the user who waits in vain.</summary>
    public LastFailure Why { get; } = new();

    /// <summary>What publishes are signed with; null: with what a development server gives to its users, if that does.</summary>
    public PublishSigner? Signer { get; init; }

    /// <summary>A client of the server.</summary>
    /// <param name="number">Which of several users it is; null if there is only one.</param>
    /// <param name="configure">Changes its options.</param>
    public CollabClient NewClient(int? number = null, Action<CollabClientOptions>? configure = null)
    {
        var options = new CollabClientOptions
        {
            BaseAddress = Server,
            Token = stop => Tokens.GetAsync(number, stop),
            PublishSigner = Signer ?? Tokens.SignerOf(number),
        };
        configure?.Invoke(options);
        return new CollabClient(options, Why);
    }

    /// <summary>Asks something, in the time that there is for an answer and its token.</summary>
    /// <exception cref="CollabException">The server refused it.</exception>
    /// <exception cref="NotInTimeException">No answer of a Collab server came.</exception>
    public async Task<T> AskAsync<T>(CollabClient client, Func<CollabClient, CancellationToken, Task<T>> ask, CancellationToken stop)
    {
        using var timeout = new CancellationTokenSource(Timeout);
        using var end = CancellationTokenSource.CreateLinkedTokenSource(stop, timeout.Token);
        try
        {
            return await ask(client, end.Token);
        }
        catch (HttpRequestException e)
        {
            throw new NotInTimeException($"The server at {Server} could not be asked: {LastFailure.Innermost(e).Message.TrimEnd('.')}.");
        }
        catch (OperationCanceledException) when (timeout.IsCancellationRequested && !stop.IsCancellationRequested)
        {
            throw NotReached();
        }
    }

    /// <summary>Adds to a refusal what can be done about it.</summary>
    public CollabException Explained(CollabException e) =>
        e.Code == CollabErrorCode.Unauthorized
            ? new(CollabErrorCode.Unauthorized, $"The server does not accept the token. {Tokens.Advice}")
            : e;

    /// <summary>Nothing came in time.</summary>
    public NotInTimeException NotReached() =>
        new($"The server at {Server} could not be reached within {Duration.Text(Timeout)}{Why.Clause}.");
}
