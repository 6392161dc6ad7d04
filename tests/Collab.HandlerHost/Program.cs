using Collab.AspNetCore;
using Collab.HandlerHost;
using OpenTelemetry.Metrics;

var builder = WebApplication.CreateBuilder(args);
builder.Services.AddCollab().UseJwtBearer().AddHandler<Recorder>("recorder", handler => handler.Parallelism = 4);
builder.Services.AddOpenTelemetry().WithMetrics(metrics => metrics.AddMeter("Collab").AddPrometheusExporter());
var app = builder.Build();
app.UseAuthentication();
app.UseAuthorization();
app.MapCollab();
app.MapPrometheusScrapingEndpoint();
InProcess.Map(app);
await app.RunAsync();
