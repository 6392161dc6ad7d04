using Collab.Client;
using Collab.Protocol;
using Fresh;
using Microsoft.AspNetCore.DataProtection;

var builder = WebApplication.CreateBuilder(args);
var server = new Uri(builder.Configuration["Server"]!);
builder.Services.AddRazorComponents().AddInteractiveServerComponents();
builder.Services.AddDataProtection().UseEphemeralDataProtectionProvider();
builder.Services.AddHttpClient("tokens", http => http.BaseAddress = server);
builder.Services.AddOptions<CollabClientOptions>().Configure<IHttpClientFactory>((options, clients) =>
    options.Token = async stop => (await clients.CreateClient("tokens").GetFromJsonAsync("dev/token?user=serena", CollabJson.Default.DevToken, stop))!.Token);
builder.Services.AddCollabClient(options => options.BaseAddress = server, ServiceLifetime.Scoped);

var app = builder.Build();
app.UseAntiforgery();
app.MapStaticAssets();
app.MapRazorComponents<App>().AddInteractiveServerRenderMode();
app.Run();
