using Collab.Client;
using RunViewer;
using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Components.WebAssembly.Hosting;

var builder = WebAssemblyHostBuilder.CreateDefault(args);
builder.RootComponents.Add<App>("#app");

// Elsewhere, where it allows the origin of this page; or where the page comes from.
var server = new Uri(builder.Configuration["Collab:Server"] ?? builder.HostEnvironment.BaseAddress);
builder.Services.AddOptions<CollabClientOptions>().Configure<NavigationManager>((options, navigation) =>
{
    options.BaseAddress = server;
    options.Token = stop => new(DevTokens.GetAsync(server, new Uri(navigation.Uri).Query, stop));
});
builder.Services.AddCollabClient();
await builder.Build().RunAsync();
