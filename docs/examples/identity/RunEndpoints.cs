using System.Security.Claims;
using Collab.AspNetCore;
using Microsoft.AspNetCore.Identity;
using Microsoft.EntityFrameworkCore;

namespace Members;

/// <summary>The application's own view of runs: who is a member. What happens in them is Collab's.</summary>
internal static class RunEndpoints
{
    public static void MapRuns(this RouteGroupBuilder app)
    {
        var runs = app.MapGroup("/runs").RequireAuthorization();
        runs.MapGet("/", ListAsync);
        runs.MapPost("/", BeginAsync);
        runs.MapPut("/{run:guid}/members", InviteAsync);
        runs.MapDelete("/{run:guid}/members/{userId}", RemoveAsync);
    }

    private static Task<List<MyRun>> ListAsync(ClaimsPrincipal user, AppDb db) => db.RunMembers
        .Where(m => m.UserId == user.Id())
        .Select(m => new MyRun(m.RunId, m.CanWrite, m.IsOwner))
        .ToListAsync();

    private static async Task<MyRun> BeginAsync(ClaimsPrincipal user, AppDb db)
    {
        // Nobody guesses it, but it is no secret either: who is no member gets nothing for knowing it.
        var run = new RunMember { RunId = Guid.NewGuid(), UserId = user.Id(), CanWrite = true, IsOwner = true };
        db.Add(run);
        await db.SaveChangesAsync();
        return new MyRun(run.RunId, run.CanWrite, run.IsOwner);
    }

    private static async Task<IResult> InviteAsync(
        Guid run, Invitation invitation, ClaimsPrincipal user, AppDb db, UserManager<Member> users)
    {
        if (!await IsOwnerAsync(db, run, user)) return Results.Forbid();
        if (await users.FindByEmailAsync(invitation.Email) is not { } invited)
            return Results.Problem("Nobody has this address.", statusCode: 404);
        if (await db.RunMembers.FindAsync(run, invited.Id) is { } known) known.CanWrite = invitation.CanWrite || known.IsOwner;
        else db.Add(new RunMember { RunId = run, UserId = invited.Id, CanWrite = invitation.CanWrite });
        await db.SaveChangesAsync();
        return Results.NoContent();
    }

    private static async Task<IResult> RemoveAsync(Guid run, string userId, ClaimsPrincipal user, AppDb db, ICollab collab)
    {
        if (!await IsOwnerAsync(db, run, user)) return Results.Forbid();
        await db.RunMembers.Where(m => m.RunId == run && m.UserId == userId && !m.IsOwner).ExecuteDeleteAsync();
        // Else who is connected would go on reading until Collab asks the authorizer again.
        await collab.DisconnectAsync(userId, "You are no member of a run any more.");
        return Results.NoContent();
    }

    private static Task<bool> IsOwnerAsync(AppDb db, Guid run, ClaimsPrincipal user) =>
        db.RunMembers.AnyAsync(m => m.RunId == run && m.UserId == user.Id() && m.IsOwner);

    private sealed record MyRun(Guid Id, bool CanWrite, bool IsOwner);

    private sealed record Invitation(string Email, bool CanWrite = true);
}
