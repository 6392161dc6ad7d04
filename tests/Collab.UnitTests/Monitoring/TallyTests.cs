using Collab.AspNetCore.Monitoring;
using Xunit;

namespace Collab.UnitTests.Monitoring;

/// <summary>A count is exact however many add to it, and never goes down.</summary>
public sealed class TallyTests
{
    [Fact]
    public async Task Many_threads_lose_nothing_and_a_reader_never_sees_less_than_before()
    {
        const int Threads = 8;
        const int Additions = 100_000;
        var tally = new Tally();
        var adding = Task.WhenAll(Enumerable.Range(0, Threads).Select(_ => Task.Run(() =>
        {
            for (var i = 0; i < Additions; i++) tally.Add(3);
        })));

        var last = 0L;
        while (!adding.IsCompleted)
        {
            var now = tally.Value;
            Assert.InRange(now, last, 3L * Threads * Additions);
            last = now;
        }
        await adding;

        Assert.Equal(3L * Threads * Additions, tally.Value);
    }
}
