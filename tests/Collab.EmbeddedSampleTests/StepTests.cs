using Collab.AspNetCore;
using Microsoft.Extensions.DependencyInjection;
using Xunit;

namespace Collab.EmbeddedSampleTests;

// <tests>
public sealed class StepTests(Application application) : IClassFixture<Application>, IDisposable
{
    private readonly Guid _run = Guid.NewGuid();
    private readonly CancellationTokenSource _patience = new(TimeSpan.FromSeconds(30));

    private ICollab Collab => application.Services.GetRequiredService<ICollab>();

    [Fact]
    public async Task What_the_engine_publishes_reaches_who_watches()
    {
        application.StartServer();
        await using var client = application.CreateCollabClient("ana");
        await using var run = await client.ConnectAsync(_run, _patience.Token);

        await Collab.Run(_run).PublishAsync(NewEvent.Create("STEP_FINISHED", new { stepId = "PM", duration = 12 }), cancellationToken: _patience.Token);

        await foreach (var e in run.ReadEventsAsync(cancellationToken: _patience.Token))
        {
            if (e.SequenceNumber is null) continue; // That ana joined is told as well, before or after it.
            Assert.Equal(("STEP_FINISHED", 1), (e.EventType, e.SequenceNumber));
            break;
        }
    }

    [Fact]
    public async Task The_state_counts_the_steps_that_are_done()
    {
        application.StartServer();
        var run = Collab.Run(_run);
        foreach (var step in (string[])["PM", "SRE"])
            await run.PublishAsync(NewEvent.Create("STEP_FINISHED", new { stepId = step, duration = 1 }), cancellationToken: _patience.Token);

        var state = await run.GetStateAsync(cancellationToken: _patience.Token);

        Assert.Equal(2, state.Own!["progress"].GetProperty("done").GetInt32());
    }

    [Fact]
    public async Task A_note_that_is_too_long_is_cut_by_the_guard()
    {
        application.StartServer();
        await using var client = application.CreateCollabClient("ana");
        await using var run = await client.ConnectAsync(_run, _patience.Token);

        await run.FlagAsync("PM", new string('!', 300), cancellationToken: _patience.Token);

        var events = await Collab.Run(_run).ReadAsync(after: 0, limit: 10, cancellationToken: _patience.Token);
        Assert.Equal(200, Assert.Single(events.Events).Data.GetProperty("note").GetString()!.Length);
    }

    public void Dispose() => _patience.Dispose();
}
// </tests>
