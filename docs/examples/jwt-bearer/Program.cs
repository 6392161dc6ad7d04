using System.Security.Claims;
using Collab.AspNetCore;
using Microsoft.AspNetCore.Authentication.JwtBearer;
using Tokens;

var builder = WebApplication.CreateBuilder(args);
builder.Services.AddSingleton<Issuer>();
builder.Services.AddSingleton<Team>();

// The application's own scheme is the default one. UseJwtBearer adds another, "Collab", for Collab's endpoints alone.
builder.Services.AddAuthentication(Issuer.Scheme).AddJwtBearer(Issuer.Scheme);
builder.Services.AddOptions<JwtBearerOptions>(Issuer.Scheme).Configure<Issuer>((jwt, issuer) => issuer.Accept(jwt));
builder.Services.AddCollab().UseSqlite("data/jwt-bearer.db").UseJwtBearer();
// Both come from one issuer, so the audience is what keeps a token for one from opening the other.
builder.Services.AddOptions<CollabOptions>().PostConfigure<Issuer>(
    (collab, issuer) => (collab.Auth.SigningKey, collab.Auth.Audience) = (issuer.Key, Issuer.RunAudience));

var app = builder.Build();
app.MapPost("/login", (Login login, Team team, Issuer issuer) =>
    team.SignIn(login) is { } person ? Results.Ok(new Token(issuer.ForApp(person))) : Results.Unauthorized());

var own = app.MapGroup("/").RequireAuthorization();
own.MapGet("/me", (ClaimsPrincipal user) => user.Identity!.Name);
own.MapPost("/runs", (NewRun run, ClaimsPrincipal user, Team team) => new Run(team.Begin(user, run.With)));
// What a client's token function asks, each time it needs one: who may still be there is decided again every few minutes.
own.MapPost("/runs/{id:guid}/token", (Guid id, ClaimsPrincipal user, Team team, Issuer issuer) =>
    team.Member(user, id) is { } person ? Results.Ok(new Token(issuer.ForRun(person, id))) : Results.Forbid());
app.MapCollab();
app.Run();

namespace Tokens
{
    internal sealed record Token(string Value);

    internal sealed record NewRun(string[] With);

    internal sealed record Run(Guid Id);
}
