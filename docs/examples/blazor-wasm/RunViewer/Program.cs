using System.Net.Http.Json;
using Collab.Client;
using Collab.Protocol;
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
    options.Token = stop => new(TokenAsync(navigation, stop));
});
builder.Services.AddCollabClient();
await builder.Build().RunAsync();

// A Collab server in Development hands out tokens to anybody. A real application asks its sign-in.
async Task<string> TokenAsync(NavigationManager navigation, CancellationToken stop)
{
    using var http = new HttpClient { BaseAddress = server };
    var user = new Uri(navigation.Uri).Query;
    var answer = await http.GetFromJsonAsync($"dev/token{user}", CollabJson.Default.DevToken, stop);
    return answer!.Token;
}
