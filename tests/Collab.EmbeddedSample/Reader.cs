using Collab.Client;

namespace Collab.EmbeddedSample;

/// <summary>A .NET client of the application.</summary>
internal static class Reader
{
    public static async Task ReadAsync(Uri address, Func<CancellationToken, ValueTask<string>> token, Guid runId, CancellationToken stop)
    {
        // <client>
        var options = new CollabClientOptions { BaseAddress = address, Token = token }
            .AddState<Progress>("progress", Progress.After);
        await using var client = new CollabClient(options);
        await using var run = await client.ConnectAsync(runId, stop);
        run.StateChanged += (_, e) => Console.WriteLine($"{e.Snapshot.State.Get<Progress>("progress")?.Done} steps are done");

        await foreach (var e in run.ReadEventsAsync(cancellationToken: stop))
        {
            if (e.EventType == "STEP_FINISHED") Console.WriteLine($"{e.As<StepFinished>().StepId} took {e.As<StepFinished>().Duration} s");
        }
        // </client>
    }
}
