using System.Net;
using Collab.EndToEndTests.Kit;
using Xunit;
using static Microsoft.Playwright.Assertions;

namespace Collab.EndToEndTests.Interruption;

/// <summary>A run that an administrator erases while people look at it.</summary>
[Collection(Rough.Name)]
public sealed class ErasedRunTests(Chromium chromium, DemoServer server)
{
    [Fact]
    public async Task Who_has_an_erased_run_open_starts_anew()
    {
        await using var run = new SharedRun(chromium, server);
        var ana = await run.JoinAsync("ana");
        var ben = await run.JoinAsync("ben");
        await ana.SendGraftsAsync(5);
        await ben.Pipeline.PruneAsync("SRE");
        Assert.Equal(6, (await run.AgreeAsync()).Count);

        using (var admin = await server.AdminAsync()) Assert.Equal(HttpStatusCode.NoContent, (await admin.EraseAsync(run.Id)).Status);

        foreach (var person in new[] { ana, ben })
        {
            await Expect(person.Rows).ToHaveCountAsync(0);
            await person.Pipeline.IsUntouchedAsync();
            await person.Pipeline.IsPrunedAsync("SRE", pruned: false);
            await Expect(person.EmptyRun).ToBeVisibleAsync();
            await person.IsConnectedAsync();
            await person.ForgetHeardAsync();
        }
        await ana.SendGraftsAsync(1, from: 6);
        await ben.SendGraftsAsync(1);
        foreach (var person in new[] { ana, ben }) await Expect(person.Rows).ToHaveCountAsync(2);
        Assert.Equal(["ana-6", "ben-1"], Log.AgentsOf(await run.AgreeAsync()).Order());
    }
}
