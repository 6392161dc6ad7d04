using Collab.AspNetCore;
using Collab.HandlerHost;

var builder = WebApplication.CreateBuilder(args);
builder.Services.AddCollab().UseJwtBearer().AddHandler<Recorder>("recorder", handler => handler.Parallelism = 4);
var app = builder.Build();
app.UseAuthentication();
app.UseAuthorization();
app.MapCollab();
await app.RunAsync();
