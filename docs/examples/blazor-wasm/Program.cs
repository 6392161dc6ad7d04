using Collab.AspNetCore;

var builder = WebApplication.CreateBuilder(args);
builder.Services.AddCollab().UseSqlite("data/blazor-wasm.db").UseJwtBearer();

var app = builder.Build();
app.MapCollab();
// The page comes from where the runs are, so no origin has to be allowed (Collab:Cors:Origins).
app.MapStaticAssets();
// What is no file is one of the application's pages, and its router knows which.
app.MapFallbackToFile("index.html");
app.Run();
