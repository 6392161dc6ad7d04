using Collab.Bench.SignalRPeer;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection.Extensions;
using StackExchange.Redis;

var builder = WebApplication.CreateBuilder(args);
builder.Logging.SetMinimumLevel(LogLevel.Warning).AddFilter("Microsoft.Hosting.Lifetime", LogLevel.Information);
var signalR = builder.Services.AddSignalR(o => o.MaximumReceiveMessageSize = 64 * 1024);
var connectionString = builder.Configuration.GetConnectionString("Peer");
if (connectionString is not null) builder.Services.AddDbContextPool<PeerDb>(o => o.UseNpgsql(connectionString));
if (builder.Configuration["Peer:Redis"] is { } redis)
{
    signalR.AddStackExchangeRedis(redis);
    builder.Services.AddSingleton<ICounters>(new SharedCounters(await ConnectionMultiplexer.ConnectAsync(redis)));
}
builder.Services.TryAddSingleton<ICounters, Counters>();

var app = builder.Build();
if (connectionString is null) app.MapHub<BareHub>("/hubs/collaboration");
else
{
    using (var scope = app.Services.CreateScope()) await scope.ServiceProvider.GetRequiredService<PeerDb>().Database.EnsureCreatedAsync();
    app.MapHub<EfHub>("/hubs/collaboration");
}
app.MapGet("/constant", () => new { runId = Guid.Empty, events = Array.Empty<string>(), lastSequence = 0 });
app.MapGet("/health/ready", () => "Healthy");
await app.RunAsync();
