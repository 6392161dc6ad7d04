using System.Security.Claims;
using Collab.AspNetCore;
using Microsoft.EntityFrameworkCore;

namespace Members;

/// <summary>
/// Who may do what with which run, as the application's tables say. Collab asks for each request, and again every 30 seconds for
/// those who are connected; each question gets an instance, and with it a context, of its own.
/// </summary>
internal sealed class MemberAuthorizer(AppDb db) : IRunAuthorizer
{
    public async ValueTask<RunAccess> GetAccessAsync(ClaimsPrincipal user, Guid runId, CancellationToken cancellationToken)
    {
        var id = user.Id();
        var canWrite = await db.RunMembers
            .Where(m => m.RunId == runId && m.UserId == id)
            .Select(m => (bool?)m.CanWrite)
            .SingleOrDefaultAsync(cancellationToken);
        return canWrite switch { true => RunAccess.Write, false => RunAccess.Read, null => RunAccess.None };
    }

    public async ValueTask<IReadOnlyCollection<Guid>?> GetReadableRunsAsync(ClaimsPrincipal user, CancellationToken cancellationToken)
    {
        var id = user.Id();
        return await db.RunMembers.Where(m => m.UserId == id).Select(m => m.RunId).ToArrayAsync(cancellationToken);
    }
}

internal static class PrincipalExtensions
{
    /// <summary>The id that Identity gave the user, which is Collab's user id too.</summary>
    public static string Id(this ClaimsPrincipal user) => user.FindFirstValue(ClaimTypes.NameIdentifier) ?? "";
}
