using System.Security.Claims;
using Collab.AspNetCore.Refusals;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Collab.AspNetCore.Access;

/// <summary>
/// Asks the application's <see cref="IRunAuthorizer"/>. It may be scoped, as what it reads from (a <c>DbContext</c>, say) mostly is, so
/// each question has a scope of its own. An authorizer that fails gives no right, and the caller is told to try again.
/// </summary>
internal sealed partial class RunRights(IServiceScopeFactory scopes, ILogger<RunRights> logger)
{
    /// <summary>The default rule reads nothing but claims: it needs no scope, and is on the way of every request.</summary>
    private ClaimRunAuthorizer? _claims;

    /// <exception cref="RefusedException"><c>unavailable</c>: the authorizer failed.</exception>
    public ValueTask<RunAccess> GetAccessAsync(ClaimsPrincipal user, Guid runId, CancellationToken cancellationToken) =>
        _claims?.GetAccessAsync(user, runId, cancellationToken)
        ?? AskAsync(authorizer => authorizer.GetAccessAsync(user, runId, cancellationToken), cancellationToken);

    /// <summary>
    /// As <see cref="GetAccessAsync"/>, for a pass over all connections: a failure is thrown as it is, so that the pass logs it once and
    /// not for each.
    /// </summary>
    public ValueTask<RunAccess> AskAgainAsync(ClaimsPrincipal user, Guid runId, CancellationToken cancellationToken) =>
        _claims?.GetAccessAsync(user, runId, cancellationToken)
            ?? PutAsync(authorizer => authorizer.GetAccessAsync(user, runId, cancellationToken));

    /// <exception cref="RefusedException"><c>unavailable</c>: the authorizer failed.</exception>
    public ValueTask<IReadOnlyCollection<Guid>?> GetReadableRunsAsync(ClaimsPrincipal user, CancellationToken cancellationToken) =>
        AskAsync(authorizer => authorizer.GetReadableRunsAsync(user, cancellationToken), cancellationToken);

    private async ValueTask<T> AskAsync<T>(Func<IRunAuthorizer, ValueTask<T>> question, CancellationToken cancellationToken)
    {
        try
        {
            return await PutAsync(question);
        }
        catch (Exception e) when (
            e is not RefusedException && !(e is OperationCanceledException && cancellationToken.IsCancellationRequested))
        {
            LogFailure(e);
            throw new RefusedException(Protocol.CollabErrorCode.Unavailable, "Your right to this run cannot be looked up. Try again.");
        }
    }

    private async ValueTask<T> PutAsync<T>(Func<IRunAuthorizer, ValueTask<T>> question)
    {
        await using var scope = scopes.CreateAsyncScope();
        var authorizer = scope.ServiceProvider.GetRequiredService<IRunAuthorizer>();
        _claims = authorizer as ClaimRunAuthorizer;
        return await question(authorizer);
    }

    [LoggerMessage(LogLevel.Error, "The run authorizer failed; the caller was refused.")]
    private partial void LogFailure(Exception failure);
}
