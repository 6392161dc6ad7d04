using Collab.EndToEndTests.Kit;
using Collab.TestKit;
using Xunit;
using static Microsoft.Playwright.Assertions;

namespace Collab.EndToEndTests.Interruption;

/// <summary>A page that stays open while very much happens does not grow with it.</summary>
[Collection(Rough.Name)]
public sealed class LongTrafficTests(Chromium chromium, DemoServer server)
{
    /// <summary>So many events the page and the server keep.</summary>
    private const int Kept = 1000;

    [Fact]
    public async Task Ten_thousand_events_leave_the_page_as_small_as_it_was_when_its_list_was_full()
    {
        await using var run = new SharedRun(chromium, server);
        var ana = await run.JoinAsync("ana");
        var robot = await run.ConnectAsync("robot");
        var heap = await Heap.OfAsync(ana.Page);
        var empty = await heap.UsedAsync();

        await PublishAsync(robot, run.Id, ana, from: 1, to: Kept);
        await ReachesAsync(ana, Kept);
        var full = await heap.UsedAsync();
        await PublishAsync(robot, run.Id, ana, from: Kept + 1, to: 11_000);
        await ReachesAsync(ana, 11_000);
        var after = await heap.UsedAsync();

        chromium.Report($"JS heap after garbage collection: {Heap.Text(empty)} without events, {Heap.Text(full)} after 1,000, {Heap.Text(after)} after 10,000 more.");
        var events = await ana.EventsAsync();
        Assert.Equal(Enumerable.Range(11_001 - Kept, Kept).Select(n => (long?)n), events.Select(e => e.SequenceNumber));
        Assert.Equal(Enumerable.Range(1, 11_000).Select(n => (long)n), await ana.HeardAsync());
        await Expect(ana.Rows).ToHaveCountAsync(100);
        Assert.InRange(after - full, long.MinValue, 2 * 1024 * 1024);

        // Who comes now gets what is kept, and the pipeline that all of them add up to.
        var ben = await run.JoinAsync("ben");
        await ReachesAsync(ben, 11_000);
        Assert.Equal(events.Select(e => e.MessageId), (await ben.EventsAsync()).Select(e => e.MessageId));
        Assert.Equivalent(await ana.StateAsync(), await ben.StateAsync(), strict: true);
        run.AssertNoComplaint();
    }

    /// <summary>
    /// A mixture, several at a time, as fast as the server and the page take them: a page that is not given its time by a busy machine must not fall
    /// behind what the server keeps, for then it would rightly miss some.
    /// </summary>
    private static async Task PublishAsync(HubClient robot, Guid run, Person page, int from, int to)
    {
        const int AtOnce = 100;
        const int Ahead = Kept / 2;
        const int BetweenMoves = 1000;
        foreach (var numbers in Enumerable.Range(from, to - from + 1).Chunk(AtOnce))
        {
            await Task.WhenAll(numbers.Select(n => (n % 3) switch
            {
                0 => robot.GraftAsync(run, "ARCHITECT", $"agent-{n}"),
                1 => robot.PublishAsync(run, "PRUNE", new { stepId = "SRE", isPruned = n % 2 == 0 }),
                _ => robot.PublishAsync(run, "FLAG", new { stepId = "PM", note = $"Note {n}" }),
            }));
            if (numbers[^1] % Ahead == 0) await Eventually.TrueAsync(async () => await page.LastSequenceAsync() >= numbers[^1], Patience.Process);
            // Not after each hundred: on a fast machine that is more than a user may.
            if (numbers[^1] % BetweenMoves == 0) await robot.MoveCursorAsync(run, numbers[^1] / BetweenMoves % 2 == 0 ? "SRE" : "PM");
        }
    }

    /// <summary>The page has everything, and its notices are gone again.</summary>
    private static async Task ReachesAsync(Person person, long sequence)
    {
        await Eventually.TrueAsync(async () => await person.LastSequenceAsync() == sequence, Patience.Process);
        await Expect(person.Rows.First).ToHaveAttributeAsync("data-sequence", string.Create(null, $"{sequence}"));
        await Expect(person.Notices).ToHaveCountAsync(0);
    }
}
