using System.Security.Claims;
using Collab.AspNetCore.Events;
using Collab.AspNetCore.Refusals;
using Collab.Protocol;
using Microsoft.Extensions.Logging;

namespace Collab.AspNetCore.RunLog;

/// <summary>The application's guards, one after the other. While none has to wait, all of it is synchronous.</summary>
internal sealed partial class PublishGuards(IEnumerable<IPublishGuard> guards, ILogger<PublishGuards> logger)
{
    private readonly IPublishGuard[] _guards = [.. guards];

    /// <summary>Whether there is any.</summary>
    public bool Any => _guards.Length > 0;

    /// <summary>What is left of a publish when all have been asked.</summary>
    /// <param name="publish">What is published; checked.</param>
    /// <param name="userId">By whom.</param>
    /// <param name="userName">What to call that user.</param>
    /// <param name="user">That user as authenticated, if anybody is.</param>
    /// <param name="maxBytes">How large its data may be.</param>
    /// <exception cref="RefusedException">Any code: a guard refuses it. <c>unavailable</c>: a guard has failed.</exception>
    public async ValueTask<Publish> CheckAsync(Publish publish, string userId, string? userName, ClaimsPrincipal? user, int maxBytes)
    {
        PublishContext? context = null;
        foreach (var guard in _guards)
        {
            context ??= ContextOf(publish, userId, userName, user);
            var decision = await AskAsync(guard, context);
            if (decision.Refusal is { } refusal) throw refusal;
            if (decision.Data is not { } json) continue;
            var data = EventDataReader.Read(json);
            data.Check(publish.Type, maxBytes);
            (publish, context) = (publish with { Data = data }, null);
        }
        return publish;
    }

    private static PublishContext ContextOf(Publish publish, string userId, string? userName, ClaimsPrincipal? user) =>
        new(publish.Data.Json)
        {
            RunId = publish.RunId,
            UserId = userId,
            UserName = userName,
            User = user,
            EventType = publish.Type.Name,
            IsCritical = publish.Type.IsCritical,
            MessageId = publish.MessageId,
        };

    private async ValueTask<GuardDecision> AskAsync(IPublishGuard guard, PublishContext context)
    {
        try
        {
            return await guard.CheckAsync(context);
        }
        catch (Exception failure) when (failure is not OutOfMemoryException)
        {
            LogFailed(failure, guard.GetType().Name, context.EventType);
            throw new RefusedException(
                CollabErrorCode.Unavailable, "The publish could not be checked. Try again.", TimeSpan.FromSeconds(1));
        }
    }

    [LoggerMessage(LogLevel.Error, "The guard {Guard} has failed, and a {EventType} was refused.")]
    private partial void LogFailed(Exception failure, string guard, string eventType);
}
