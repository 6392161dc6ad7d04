using Collab.AspNetCore;
using Members;
using Microsoft.AspNetCore.DataProtection;
using Microsoft.AspNetCore.Identity;
using Microsoft.EntityFrameworkCore;

Directory.CreateDirectory("data");
var builder = WebApplication.CreateBuilder(args);
builder.Logging.AddFilter("Microsoft.EntityFrameworkCore", LogLevel.Warning);

// The application's own: people who sign in with a cookie, and who is a member of which run.
builder.Services.AddDbContext<AppDb>(db => db.UseSqlite("Data Source=data/members.db"));
builder.Services.AddIdentityApiEndpoints<Member>(identity => identity.Password = PasswordRules.LongRatherThanOdd)
    .AddEntityFrameworkStores<AppDb>()
    .AddClaimsPrincipalFactory<MemberClaims>();
builder.Services.AddAuthorization();
builder.Services.AddAntiforgery(antiforgery => antiforgery.HeaderName = AntiforgeryTokens.Header);
// What cookies are sealed with: a restart signs nobody out.
builder.Services.AddDataProtection().PersistKeysToFileSystem(new DirectoryInfo("data/keys"));
builder.Services.AddHealthChecks().AddCheck<MembersCheck>("members");

// No UseJwtBearer: whoever has the application's cookie is signed in, and MemberAuthorizer says what for.
builder.Services.AddCollab()
    .UseSqlite("data/runs.db")
    .AuthorizeRunsWith<MemberAuthorizer>()
    .Configure(collab => collab.Auth.NameClaim = MemberClaims.DisplayName);

var app = builder.Build();
app.Use((http, next) =>
{
    // What others write into a run is shown as text. Should a page ever get that wrong, no script of theirs runs.
    http.Response.Headers.ContentSecurityPolicy = "default-src 'self'; frame-ancestors 'none'";
    return next(http);
});
app.UseDefaultFiles();
app.UseStaticFiles();

// The browser sends the cookie along with requests that other sites make it send. The application's own endpoints want a token of
// its own page against that; Collab's look at the origin, and need none.
var own = app.MapGroup("/").RequireAntiforgeryToken();
own.MapGroup("/account").MapIdentityApi<Member>();
own.MapMembers();
own.MapRuns();

app.MapCollab(places =>
{
    places.HubPath = "/live/hub";
    places.ApiPath = "/live";
    // The application has a readiness of its own, which asks Collab's checks too.
    places.ReadinessPath = null;
    // Of the two ways to sign in that AddIdentityApiEndpoints adds, the cookie.
    places.AuthenticationSchemes.Add(IdentityConstants.ApplicationScheme);
});
app.MapHealthChecks("/health/ready", new() { ResponseWriter = MembersCheck.WriteAsync });

using (var scope = app.Services.CreateScope())
{
    // Enough for an example. An application that changes has migrations.
    await scope.ServiceProvider.GetRequiredService<AppDb>().Database.EnsureCreatedAsync();
}
await app.RunAsync();
