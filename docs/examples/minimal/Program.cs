using Collab.AspNetCore;

var builder = WebApplication.CreateBuilder(args);

builder.Services.AddCollab()
    // The file and its tables are made at the first start. What was acknowledged is in it, also after kill -9.
    .UseSqlite("data/minimal.db")
    // Without a key the application starts in Development and on loopback only, and GET /dev/token signs anybody in.
    .UseJwtBearer();

var app = builder.Build();

// The hub for the clients, the HTTP API, and the health endpoints.
app.MapCollab();

app.Run();
