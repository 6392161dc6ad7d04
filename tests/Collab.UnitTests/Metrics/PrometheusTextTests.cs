using System.Diagnostics.Metrics;
using Xunit;

namespace Collab.UnitTests.Metrics;

/// <summary>Metrics are written as Prometheus reads them, in both of its formats.</summary>
public sealed class PrometheusTextTests
{
    [Theory]
    [InlineData("http.requests", null, "http_requests_total")]
    [InlineData("http.requests.total", "{request}", "http_requests_total")]
    [InlineData("gc.pause.time", "s", "gc_pause_time_seconds_total")]
    [InlineData("gc.pause.time.total", "s", "gc_pause_time_seconds_total")]
    [InlineData("sent_bytes", "By", "sent_bytes_total")]
    [InlineData("read", "MiBy", "read_mebibytes_total")]
    [InlineData("odd--name..here", "", "odd_name_here_total")]
    [InlineData("work", "By/s", "work_bytes_per_second_total")]
    [InlineData("work", "{task}/min", "work_per_minute_total")]
    [InlineData("work", "1", "work_total")]
    [InlineData("work", "widgets", "work_widgets_total")]
    public void A_counter_has_its_unit_and_then_total(string name, string? unit, string exposed)
    {
        using var scrape = new Scrape();
        scrape.Meter.CreateCounter<long>(name, unit).Add(7);

        Assert.Equal([$"# TYPE {exposed} counter", $"{exposed} 7"], scrape.Lines());
    }

    [Theory]
    [InlineData("pool.size", "{thread}", "pool_size")]
    [InlineData("memory", "By", "memory_bytes")]
    [InlineData("cpu.use", "1", "cpu_use_ratio")]
    [InlineData("load", "%", "load_percent")]
    [InlineData("queue.total", null, "queue_total")]
    public void A_gauge_has_its_unit_alone(string name, string? unit, string exposed)
    {
        using var scrape = new Scrape();
        scrape.Meter.CreateObservableGauge(name, () => 1.5, unit);

        Assert.Equal([$"# TYPE {exposed} gauge", $"{exposed} 1.5"], scrape.Lines());
    }

    [Fact]
    public void What_goes_up_and_down_is_a_gauge()
    {
        using var scrape = new Scrape();
        var counter = scrape.Meter.CreateUpDownCounter<int>("active");
        counter.Add(3);
        counter.Add(-5);

        Assert.Equal(["# TYPE active gauge", "active -2"], scrape.Lines());
    }

    [Fact]
    public void Buckets_add_up_and_end_with_infinity()
    {
        using var scrape = new Scrape();
        var histogram = scrape.Meter.CreateHistogram("latency", "ms", advice: new InstrumentAdvice<double> { HistogramBucketBoundaries = [0.25, 1, 1000] });
        foreach (var value in (double[])[0.25, 0.5, 1, 2, 5000]) histogram.Record(value, KeyValuePair.Create<string, object?>("way", "up"));

        Assert.Equal(
            [
                "# TYPE latency_milliseconds histogram",
                """latency_milliseconds_bucket{way="up",le="0.25"} 1""",
                """latency_milliseconds_bucket{way="up",le="1.0"} 3""",
                """latency_milliseconds_bucket{way="up",le="1000.0"} 4""",
                """latency_milliseconds_bucket{way="up",le="+Inf"} 5""",
                """latency_milliseconds_sum{way="up"} 5003.75""",
                """latency_milliseconds_count{way="up"} 5""",
            ], scrape.Lines());
    }

    [Fact]
    public void Labels_and_help_are_escaped_and_values_may_be_no_numbers()
    {
        using var scrape = new Scrape();
        scrape.Meter.CreateObservableGauge("g", () => (Measurement<double>[])
        [
            new(double.NaN, KeyValuePair.Create<string, object?>("a.b", "quote \" slash \\ line \n end")),
            new(double.PositiveInfinity, KeyValuePair.Create<string, object?>("1x", true)),
            new(double.NegativeInfinity, KeyValuePair.Create<string, object?>("ü", 1.5), KeyValuePair.Create<string, object?>("é", "same")),
            new(1e-9, KeyValuePair.Create<string, object?>("none", null)),
        ], null, "a \"b\" \\ c\nd");

        var lines = scrape.Lines();

        Assert.Equal("""# HELP g a "b" \\ c\nd""", lines[1]);
        Assert.Equal(
            [
                """g{_1x="true"} +Inf""",
                """g{_="same"} -Inf""",
                """g{a_b="quote \" slash \\ line \n end"} NaN""",
                """g{none=""} 1E-09""",
            ], lines[2..].Order(StringComparer.Ordinal));
        Assert.Contains("""# HELP g a \"b\" \\ c\nd""", scrape.Lines(openMetrics: true));
        scrape.Read();
    }

    [Fact]
    public void OpenMetrics_names_families_without_total_says_units_and_has_an_end()
    {
        using var scrape = new Scrape();
        scrape.Meter.CreateCounter<double>("gc.pause.time", "s", "Pauses.").Add(0.5);

        Assert.Equal(
            ["# TYPE gc_pause_time_seconds counter", "# UNIT gc_pause_time_seconds seconds", "# HELP gc_pause_time_seconds Pauses.", "gc_pause_time_seconds_total 0.5", "# EOF"],
            scrape.Lines(openMetrics: true));
        Assert.EndsWith("# EOF\n", scrape.Text(openMetrics: true), StringComparison.Ordinal);
        Assert.Equal("info", scrape.Read(openMetrics: true).Types["target"]);
        Assert.Equal(1, scrape.Read()["""target_info{service_name="tests",service_version="1"}"""]);
    }

    [Fact]
    public void Instruments_that_come_out_the_same_are_one_family()
    {
        using var scrape = new Scrape();
        scrape.Meter.CreateCounter<long>("a.b").Add(1, KeyValuePair.Create<string, object?>("from", "first"));
        scrape.Meter.CreateCounter<long>("other").Add(1);
        scrape.Meter.CreateCounter<long>("a_b").Add(2, KeyValuePair.Create<string, object?>("from", "second"));
        scrape.Meter.CreateObservableGauge("a.b.total", () => 3);

        var read = scrape.Read();

        Assert.Equal((1, 2), (read["""a_b_total{from="first"}"""], read["""a_b_total{from="second"}"""]));
        Assert.DoesNotContain("a_b_total", read.Samples.Keys);
    }

    [Fact]
    public void Many_scrapers_within_a_moment_share_one_collection()
    {
        using var scrape = new Scrape();
        var collected = 0;
        scrape.Meter.CreateObservableGauge("g", () => ++collected);

        Parallel.For(0, 50, _ => Assert.Contains("g 1\n", scrape.Text(), StringComparison.Ordinal));
        Assert.Contains("g 2\n", scrape.Text(openMetrics: true), StringComparison.Ordinal);
        scrape.Time.Advance(TimeSpan.FromSeconds(1));
        Assert.Contains("g 3\n", scrape.Text(), StringComparison.Ordinal);
    }
}
