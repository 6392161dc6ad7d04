using Collab.AspNetCore;
using Collab.Storage;
using Microsoft.EntityFrameworkCore;
using Orchestrator;

const string store = "data/orchestrator.db";

var builder = WebApplication.CreateBuilder(args);
builder.Logging.AddFilter("Microsoft.AspNetCore", LogLevel.Warning).AddFilter("Microsoft.EntityFrameworkCore", LogLevel.Warning);

builder.Services.AddCollab()
    .UseSqlite(store)
    .UseJwtBearer()
    .AddEvent<StepStarted>(StepStarted.Type)
    .AddEvent<StepHeld>(StepHeld.Type)
    .AddEvent<StepApproved>(StepApproved.Type)
    .AddEvent<StepFinished>(StepFinished.Type)
    .AddEvent<StepSkipped>(StepSkipped.Type)
    .AddEvent<RunFinished>(RunFinished.Type)
    .AddState<Progress>("progress", Progress.After)
    .AddHandler<Steering>("steering");

// The engine's own tables are in the same file as Collab's, so what it knows and what it says of it commit together.
builder.Services.AddDbContextFactory<WorkflowDb>((services, db) => db.UseSqlite($"Data Source={store}").UseCollabOutbox(services));
builder.Services.Configure<EngineOptions>(builder.Configuration.GetSection("Orchestrator"));
builder.Services.AddSingleton(TimeProvider.System);
builder.Services.AddSingleton<Workflows>();
builder.Services.AddSingleton<Agents>();
builder.Services.AddHostedService<Engine>();

var app = builder.Build();
app.MapCollab();
app.MapPage();

await app.Services.OpenCollabStoreAsync();
var run = await app.Services.GetRequiredService<Workflows>().OpenAsync();
await app.StartAsync();
Console.WriteLine($"The run is at {app.Urls.First()}/runs/{run}?user=you");
await app.WaitForShutdownAsync();
