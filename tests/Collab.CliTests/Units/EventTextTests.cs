using System.Text.Json;
using Collab.Cli.Printing;
using Collab.Protocol;
using Xunit;

namespace Collab.CliTests.Units;

public sealed class EventTextTests
{
    [Theory]
    [InlineData("GRAFT", """{"after":"ARCHITECT","agentName":"scanner"}""", "grafted scanner after ARCHITECT")]
    [InlineData("PRUNE", """{"stepId":"SRE","isPruned":true}""", "pruned SRE")]
    [InlineData("PRUNE", """{"stepId":"SRE","isPruned":false}""", "took SRE back in")]
    [InlineData("FLAG", """{"stepId":"PM","note":"Why twice?"}""", "flagged PM: Why twice?")]
    [InlineData("FLAG", """{"stepId":"PM","note":null}""", "flagged PM")]
    [InlineData("FLAG", """{"stepId":"PM"}""", "flagged PM")]
    [InlineData("FLAG", """{"stepId":{"not":"a string"},"note":7}""", """flagged {"not":"a string"}: 7""")]
    [InlineData("USER_JOIN", """{"activeUserCount":2}""", "joined, 2 here")]
    [InlineData("USER_LEAVE", """{"activeUserCount":1}""", "left, 1 here")]
    [InlineData("CURSOR_MOVE", """{"nodeId":"PM"}""", "is at PM")]
    [InlineData("CURSOR_MOVE", """{"nodeId":null}""", "is nowhere")]
    [InlineData("COMMENT", """{"text":"hm"}""", """COMMENT {"text":"hm"}""")]
    public void A_sentence_says_what_happened(string type, string data, string sentence) => Assert.Equal(sentence, EventText.Sentence(Event(type, data)));

    [Fact]
    public void A_user_is_called_as_the_event_says_or_as_is_known_or_by_the_id()
    {
        var e = Event("USER_JOIN", """{"activeUserCount":2}""") with { UserId = "u1" };
        var terminal = new Terminal(TextWriter.Null, isColored: false);

        Assert.Contains(" u1 joined", EventText.Line(e, terminal));
        Assert.Contains(" Ana joined", EventText.Line(e, terminal, "Ana"));
        Assert.Contains(" Bo joined", EventText.Line(e with { UserName = "Bo" }, terminal, "Ana"));
    }

    [Theory]
    [InlineData("GRAFT", "after")]
    [InlineData("GRAFT", "agentName")]
    [InlineData("PRUNE", "stepId")]
    [InlineData("FLAG", "note")]
    [InlineData("USER_JOIN", "activeUserCount")]
    [InlineData("CURSOR_MOVE", "nodeId")]
    [InlineData("\e[31mOWN", "anything")]
    public void Hostile_text_reaches_no_terminal_raw_whichever_field_it_is_in(string type, string field)
    {
        var e = Event(type, JsonSerializer.Serialize(new Dictionary<string, string> { [field] = "\e[2J\r\u202e\u009b" })) with { UserId = "\e]0;owned\a" };
        var terminal = new Terminal(TextWriter.Null, isColored: false);

        Assert.DoesNotContain(EventText.Line(e, terminal), IsHostile);
        Assert.DoesNotContain(EventText.Json(e), IsHostile);
    }

    [Fact]
    public void JSON_is_what_goes_over_the_wire()
    {
        var e = Event("FLAG", """{"stepId":"PM","note":"ü 👩"}""");

        var read = JsonSerializer.Deserialize(EventText.Json(e), CollabJson.Default.CollaborationEvent)!;

        Assert.Equal("ü 👩", read.Data.GetProperty("note").GetString());
        Assert.Equal(e with { Data = default }, read with { Data = default });
    }

    [Fact]
    public void Colours_come_only_where_they_are_wanted()
    {
        var e = Event("FLAG", """{"stepId":"PM"}""");

        Assert.Contains('\e', EventText.Line(e, new Terminal(TextWriter.Null, isColored: true)));
        Assert.DoesNotContain('\e', EventText.Line(e, new Terminal(TextWriter.Null, isColored: false)));
    }

    private static bool IsHostile(char c) => char.IsControl(c) || c == '\u202e';

    private static CollaborationEvent Event(string type, string data) =>
        new(Guid.NewGuid(), 7, type, "ada", 1_760_000_000_000, JsonElement.Parse(data), true, Guid.NewGuid());
}
