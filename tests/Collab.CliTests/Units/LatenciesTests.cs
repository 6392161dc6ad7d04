using Collab.Cli.Load;
using Xunit;

namespace Collab.CliTests.Units;

public sealed class LatenciesTests
{
    private readonly Latencies _latencies = new();

    [Theory]
    [InlineData(0.05)]
    [InlineData(1)]
    [InlineData(37)]
    [InlineData(60_000)]
    public void A_quantile_is_close(double milliseconds)
    {
        _latencies.Add(TimeSpan.FromMilliseconds(milliseconds));

        Assert.InRange(_latencies.Since(null).At(0.5)!.Value, milliseconds, milliseconds * 1.07);
    }

    [Fact]
    public void Quantiles_are_what_so_many_took_at_most()
    {
        for (var i = 1; i <= 100; i++) _latencies.Add(TimeSpan.FromMilliseconds(i));

        var all = _latencies.Since(null);

        Assert.InRange(all.At(0.5)!.Value, 50, 53.5);
        Assert.InRange(all.At(0.99)!.Value, 99, 106);
    }

    [Fact]
    public void What_was_there_before_does_not_count()
    {
        _latencies.Add(TimeSpan.FromSeconds(10));
        var before = _latencies.Counts();
        Assert.Null(_latencies.Since(before).At(0.5));
        _latencies.Add(TimeSpan.FromMilliseconds(1));

        Assert.InRange(_latencies.Since(before).At(0.99)!.Value, 1, 1.07);
    }

    [Fact]
    public void Nothing_and_for_ever_have_a_place_too()
    {
        _latencies.Add(TimeSpan.Zero);
        _latencies.Add(TimeSpan.FromDays(1));

        Assert.NotNull(_latencies.Since(null).At(1));
    }
}
