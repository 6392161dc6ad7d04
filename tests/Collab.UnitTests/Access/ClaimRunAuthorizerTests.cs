using System.Security.Claims;
using Collab.AspNetCore;
using Collab.AspNetCore.Access;
using Collab.UnitTests.Kit;
using Xunit;

namespace Collab.UnitTests.Access;

/// <summary>The claim <c>run_access</c> gives exactly what it says.</summary>
public sealed class ClaimRunAuthorizerTests
{
    private const string Run = "550e8400-e29b-41d4-a716-446655440000";
    private const string OtherRun = "660e8400-e29b-41d4-a716-446655440000";

    [Theory]
    [InlineData(RunAccess.None)]
    [InlineData(RunAccess.Read, Run + ":read")]
    [InlineData(RunAccess.Write, Run + ":write")]
    [InlineData(RunAccess.Read, "*:read")]
    [InlineData(RunAccess.Write, "*:write")]
    [InlineData(RunAccess.Write, "*:read", Run + ":write")]
    [InlineData(RunAccess.Write, Run + ":write", Run + ":read")]
    [InlineData(RunAccess.Read, "*:read", OtherRun + ":write")]
    [InlineData(RunAccess.None, OtherRun + ":write")]
    [InlineData(RunAccess.Read, "550E8400-E29B-41D4-A716-446655440000:read")]
    [InlineData(RunAccess.None, Run)]
    [InlineData(RunAccess.None, Run + ":")]
    [InlineData(RunAccess.None, Run + ":admin")]
    [InlineData(RunAccess.None, Run + ":WRITE")]
    [InlineData(RunAccess.None, Run + ":write ")]
    [InlineData(RunAccess.None, "**:write")]
    [InlineData(RunAccess.None, ":write")]
    [InlineData(RunAccess.None, "550e8400*:write")]
    [InlineData(RunAccess.None, "{" + Run + "}:write")]
    [InlineData(RunAccess.None, "*:write:read:nothing")]
    public async Task A_user_has_what_the_best_claim_gives(RunAccess expected, params string[] claims) =>
        Assert.Equal(expected, await new ClaimRunAuthorizer().GetAccessAsync(User(claims), Some.Run, CancellationToken.None));

    [Fact]
    public async Task Which_runs_can_be_read_is_known_unless_all_can()
    {
        var authorizer = new ClaimRunAuthorizer();

        Assert.Empty((await authorizer.GetReadableRunsAsync(User(), CancellationToken.None))!);
        Assert.Equal([Guid.Parse(Run), Guid.Parse(OtherRun)], await authorizer.GetReadableRunsAsync(User(Run + ":read", OtherRun + ":write", Run + ":write", "x:read"), CancellationToken.None));
        Assert.Null(await authorizer.GetReadableRunsAsync(User(Run + ":read", "*:read"), CancellationToken.None));
    }

    private static ClaimsPrincipal User(params string[] grants) =>
        new(new ClaimsIdentity(grants.Select(g => new Claim("run_access", g)).Append(new Claim("other", "*:write")), "test"));
}
