using System.Text;
using Collab.Cli;
using Collab.Cli.Publish;
using Xunit;

namespace Collab.CliTests.Units;

/// <summary>What a file of events may hold.</summary>
public sealed class EventFileTests
{
    private static readonly Guid Run = Guid.Parse("550e8400-e29b-41d4-a716-446655440000");

    [Fact]
    public void Each_line_is_an_event_and_empty_ones_count()
    {
        var id = Guid.NewGuid();

        var lines = Read($$$"""
            {"eventType":"FLAG","data":{"stepId":"PM"}}

            {"eventType":"USER_SEEN"}
            {"eventType":"FLAG","data":null,"messageId":"{{{id}}}","sequenceNumber":7,"userId":"of an event that was replayed"}
            """.Replace("\n", "\r\n", StringComparison.Ordinal));

        Assert.Equal([1, 3, 4], lines.Select(line => line.Number));
        Assert.Equal(["""{"stepId":"PM"}""", "{}", "{}"], lines.Select(line => line.Request.Data.GetRawText()));
        Assert.Equal(id, lines[2].Request.MessageId);
    }

    [Fact]
    public void A_line_without_an_id_has_the_same_one_each_time_and_in_no_other_place()
    {
        const string Twice = """
            {"eventType":"FLAG","data":{"stepId":"PM"}}
            {"eventType":"FLAG","data":{"stepId":"PM"}}
            """;

        var (first, again) = (Ids(Read(Twice)), Ids(Read(Twice)));
        Assert.Equal(first, again);
        Guid?[] others = [.. Ids(Read(Twice, run: Guid.NewGuid())), .. Ids(Read(Twice, batch: "again")), .. Ids(Read(Twice.Replace("PM", "QA", StringComparison.Ordinal)))];
        Assert.Equal(8, first.Concat(others).Distinct().Count());
        Assert.All(first.Concat(others), id => Assert.Equal(8, id!.Value.Version));
    }

    [Theory]
    [InlineData("nonsense", "it is not JSON: see character ")]
    [InlineData("""{"eventType":"FLAG"} {}""", "it is not JSON: see character ")]
    [InlineData("[]", "it must be a JSON object.")]
    [InlineData("null", "it must be a JSON object.")]
    [InlineData("{}", "eventType must be a text that is not empty.")]
    [InlineData("""{"eventType":""}""", "eventType must be a text that is not empty.")]
    [InlineData("""{"eventType":7}""", "eventType must be a text that is not empty.")]
    [InlineData("""{"eventType":"FLAG","data":[]}""", "data must be an object.")]
    [InlineData("""{"eventType":"FLAG","data":"{}"}""", "data must be an object.")]
    [InlineData("""{"eventType":"FLAG","messageId":"1"}""", "messageId must be a UUID.")]
    [InlineData("""{"eventType":"FLAG","messageId":1}""", "messageId must be a UUID.")]
    [InlineData("""{"eventType":"FLAG","basedOnSequence":1}""", "basedOnSequence cannot be asked for yet.")]
    [InlineData("""{"eventType":"FLAG","data":{"note":"\ud800"}}""", "it has half a character")]
    [InlineData("""{"eventType":"\ud800"}""", "it has half a character")]
    [InlineData("""{"eventType":"FLAG","messageId":"0198c0de-0000-7000-8000-000000000001"}""", "line 1 has the same messageId.")]
    public void A_bad_line_is_named(string line, string reason)
    {
        const string Good = """{"eventType":"FLAG","data":{"stepId":"PM"},"messageId":"0198c0de-0000-7000-8000-000000000001"}""";

        var e = Assert.Throws<UsageException>(() => Read($"{Good}\n\n{line}\n"));

        Assert.StartsWith($"Line 3: {reason}", e.Message, StringComparison.Ordinal);
        Assert.EndsWith(" Nothing was published.", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void So_is_one_that_no_server_takes_and_one_that_is_no_text()
    {
        var large = Assert.Throws<UsageException>(() => Read($$$"""{"eventType":"FLAG","data":{"note":"{{{new string('x', 60_000)}}}"}}"""));
        Assert.StartsWith("Line 1: it has more than 60000 bytes.", large.Message, StringComparison.Ordinal);

        var binary = Assert.Throws<UsageException>(() => EventFile.Parse([(byte)'\n', 0xff], Run, ""));
        Assert.StartsWith("Line 2: it is not UTF-8.", binary.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_byte_order_mark_is_no_part_of_the_first_line() => Assert.Single(Read("\ufeff" + """{"eventType":"FLAG"}"""));

    private static Guid?[] Ids(List<EventLine> lines) => [.. lines.Select(line => line.Request.MessageId)];

    private static List<EventLine> Read(string text, Guid? run = null, string batch = "") => EventFile.Parse(Encoding.UTF8.GetBytes(text), run ?? Run, batch);
}
