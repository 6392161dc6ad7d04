using Collab.EndToEndTests.Kit;
using Xunit;

namespace Collab.EndToEndTests.Steering;

[Collection(Shared.Name)]
public sealed class FirstTests(Chromium chromium, DemoServer server)
{
    [Fact]
    public async Task Two_people_agree()
    {
        await using var run = new SharedRun(chromium, server);
        var ana = await run.JoinAsync("ana");
        var ben = await run.JoinAsync("ben");

        await ana.SendGraftsAsync(3);
        await ben.SendGraftsAsync(3);

        Assert.Equal(6, (await run.AgreeAsync()).Count);
    }
}
