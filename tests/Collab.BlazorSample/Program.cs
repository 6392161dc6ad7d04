using Collab.BlazorSample;
using Collab.BlazorSample.Components;
using Collab.Client;
using Microsoft.AspNetCore.DataProtection;

var builder = WebApplication.CreateBuilder(args);
// Whoever is shown as present should be: a circuit that has lost its browser is not kept for the usual three minutes.
builder.Services.AddRazorComponents()
    .AddInteractiveServerComponents(options => options.DisconnectedCircuitRetentionPeriod = TimeSpan.FromSeconds(10));
// Nothing outlives the process.
builder.Services.AddDataProtection().UseEphemeralDataProtectionProvider();

// Each circuit has a visitor, and each visitor a client.
builder.Services.AddHttpClient<DevTokens>(http => http.BaseAddress = ServerAddress(builder.Configuration));
builder.Services.AddScoped<Visitor>();
builder.Services.AddOptions<CollabClientOptions>().Configure<Visitor>((options, visitor) => options.Token = visitor.GetTokenAsync);
builder.Services.AddCollabClient(options => options.BaseAddress = ServerAddress(builder.Configuration), ServiceLifetime.Scoped);

var app = builder.Build();
app.UseAntiforgery();
app.MapStaticAssets();
app.MapRazorComponents<App>().AddInteractiveServerRenderMode();
app.Run();

static Uri ServerAddress(IConfiguration configuration) => new(configuration["Collab:Server"] ?? "http://127.0.0.1:5080");
