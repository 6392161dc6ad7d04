using Collab.AspNetCore;
using Collab.EmbeddedSample;
using Collab.OpenApi;

// An engine for workflows of a made-up kind. What stands between marks is shown in docs/embedding.md, word for word.
var builder = WebApplication.CreateBuilder(args);
var collab = builder.Services.AddCollab().UseJwtBearer();

// <events>
collab.AddEvent<StepFinished>("STEP_FINISHED")
    .AddEphemeralEvent<Typing>("TYPING");
// </events>

// <latest>
collab.AddEvent<Comment>("COMMENT", comment => comment.LatestBy = "stepId");
// </latest>

// <state>
collab.AddState<Progress>("progress", Progress.After);
// </state>

// <guard>
builder.Services.AddSingleton<Engine>();
collab.AddGuard<FinishedStepsGuard>();
// </guard>

builder.Services.AddSingleton<Orchestrator>();
builder.Services.AddSingleton<Runner>();
// <addHandler>
collab.AddHandler<GraftHandler>("graft", handler => handler.Attempts = 10);
// </addHandler>

// <openapi>
builder.Services.AddOpenApi(document => document.AddCollabEvents());
// </openapi>

var app = builder.Build();
app.MapCollab();
app.MapOpenApi();
app.Run();
