using System.Net.Http.Json;
using Collab.Client;
using Collab.Protocol;
using Fresh;
using Microsoft.AspNetCore.Components.WebAssembly.Hosting;

var builder = WebAssemblyHostBuilder.CreateDefault(args);
builder.RootComponents.Add<Routes>("#app");
var server = new Uri(builder.Configuration["Server"]!);
var http = new HttpClient { BaseAddress = server };
builder.Services.AddCollabClient(options =>
{
    options.BaseAddress = server;
    options.Token = async stop => (await http.GetFromJsonAsync("dev/token?user=wanda", CollabJson.Default.DevToken, stop))!.Token;
});
await builder.Build().RunAsync();
