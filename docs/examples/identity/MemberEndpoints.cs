using System.Security.Claims;
using Microsoft.AspNetCore.Identity;

namespace Members;

/// <summary>What Identity's own endpoints leave to the application: the name, and the way out.</summary>
internal static class MemberEndpoints
{
    public static void MapMembers(this RouteGroupBuilder app)
    {
        // Nobody is an answer too: the page asks before anybody has signed in.
        app.MapGet("/me", (ClaimsPrincipal user) =>
            user.Identity?.Name is { } email ? new Me(user.Id(), user.FindFirstValue(MemberClaims.DisplayName), email) : null);
        var me = app.MapGroup("/me").RequireAuthorization();
        me.MapPut("/name", RenameAsync);
        me.MapDelete("/session", async (SignInManager<Member> signIn) => await signIn.SignOutAsync());
    }

    private static async Task<IResult> RenameAsync(
        NewName wanted, ClaimsPrincipal user, UserManager<Member> users, SignInManager<Member> signIn)
    {
        if (wanted.Name?.Trim() is not { Length: > 0 and <= 60 } name)
            return Results.Problem("A name has 1 to 60 letters.", statusCode: 400);
        if (await users.GetUserAsync(user) is not { } member) return Results.Unauthorized();
        member.DisplayName = name;
        await users.UpdateAsync(member);
        // The cookie has the name in it.
        await signIn.RefreshSignInAsync(member);
        return Results.NoContent();
    }

    private sealed record Me(string Id, string? Name, string Email);

    private sealed record NewName(string? Name);
}
