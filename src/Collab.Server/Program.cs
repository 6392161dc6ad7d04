using Collab.AspNetCore;
using Collab.Server;
using Collab.Server.Telemetry;
using Microsoft.Extensions.Options;

// A command that is mistyped must not start a second server on the store.
if (args is [[not ('-' or '/'), ..] first, ..] && !first.Contains('=') && !IsCommand(first))
{
    await Console.Error.WriteLineAsync(
        $"There is no command '{first}'. There are migrate, renew-epochs and healthcheck; without one, the server starts.");
    return 2;
}

var builder = WebApplication.CreateBuilder(new WebApplicationOptions
{
    Args = [.. args.Where(a => !IsCommand(a))],
    // Settings lie beside the program, wherever it is started from.
    ContentRootPath = AppContext.BaseDirectory,
});
if (args.Any(HealthCheck.IsOne)) return await HealthCheck.RunAsync(builder.Configuration);

var collab = builder.Services.AddCollab().UseJwtBearer();
if (builder.Configuration["Collab:Bus:Redis"] is not null) collab.UseRedis();
builder.AddTelemetry();
builder.Services.AddApiDocument();
builder.AddRequestLog();
// A parameter that cannot be read is the client's mistake, in Development too.
builder.Services.Configure<RouteHandlerOptions>(o => o.ThrowOnBadRequest = false);
builder.Services.AddProblemDetails(o => o.CustomizeProblemDetails = ProblemCodes.Complete);
builder.WebHost.ConfigureKestrel(kestrel =>
{
    kestrel.AddServerHeader = false;
    // A WebSocket's token stands in its address, and may be as long there as in a header.
    kestrel.Limits.MaxRequestLineSize = kestrel.Limits.MaxRequestHeadersTotalSize;
});

try
{
    var app = builder.Build();
    if (await StoreCommands.TryRunAsync(args, app.Services)) return 0;

    app.UseProxies();
    app.UseHttpLogging();
    app.UseExceptionHandler();
    app.UseStatusCodePages();
    app.UseMetricsPort();
    app.UseCors();
    app.UseAuthentication();
    app.UseAuthorization();
    app.MapCollab();
    app.MapApiDocument();
    app.MapApiPage();
    app.MapMetrics();
    app.MapDemoPage();
    await app.Services.OpenCollabStoreAsync();
    await app.RunAsync();
    return 0;
}
catch (OptionsValidationException e)
{
    return await RefuseAsync(e.Failures);
}
catch (Exception e) when (ListenFailure.Explain(e) is { } why)
{
    return await RefuseAsync([why]);
}

static async Task<int> RefuseAsync(IEnumerable<string> failures)
{
    await Console.Error.WriteLineAsync(
        $"Collab cannot start with this configuration:{Environment.NewLine}  - {string.Join($"{Environment.NewLine}  - ", failures)}");
    return 1;
}

static bool IsCommand(string argument) => StoreCommands.IsOne(argument) || HealthCheck.IsOne(argument);
