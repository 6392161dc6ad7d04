using System.Text;
using System.Text.Json;
using Collab.AspNetCore;
using Collab.AspNetCore.Events;
using Collab.AspNetCore.Refusals;
using Collab.Protocol;
using Collab.UnitTests.Kit;
using Xunit;

namespace Collab.UnitTests.Events;

/// <summary>Which types there are, who may publish them, and what their data must hold.</summary>
public sealed class EventTypeTableTests
{
    private readonly EventTypeTable _types = Some.Types(configure: o =>
    {
        o.Events["COMMENT"] = EventKind.Critical;
        o.Events["TYPING"] = EventKind.Ephemeral;
    });

    [Theory]
    [InlineData("GRAFT", true)]
    [InlineData("PRUNE", true)]
    [InlineData("FLAG", true)]
    [InlineData("CURSOR_MOVE", false)]
    [InlineData("COMMENT", true)]
    [InlineData("TYPING", false)]
    public void Built_in_and_configured_types_are_known(string name, bool isCritical) => Assert.Equal(isCritical, _types.ForClient(name).IsCritical);

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("graft")]
    [InlineData("NO_SUCH_TYPE")]
    [InlineData("USER_JOIN")]
    [InlineData("USER_LEAVE")]
    public void Unknown_types_and_what_only_the_server_says_are_refused(string? name) =>
        Assert.Equal(CollabErrorCode.InvalidEvent, Assert.Throws<RefusedException>(() => _types.ForClient(name)).Code);

    [Theory]
    [InlineData("GRAFT", """{"after":"PM","agentName":"x","more":1}""", true)]
    [InlineData("GRAFT", """{"after":"PM"}""", false)]
    [InlineData("GRAFT", """{"after":"","agentName":"x"}""", false)]
    [InlineData("GRAFT", """{"after":null,"agentName":"x"}""", false)]
    [InlineData("GRAFT", """{"after":"PM","agentName":7}""", false)]
    [InlineData("GRAFT", """{"after":"PM","agentName":"x","after":""}""", false)]
    [InlineData("PRUNE", """{"stepId":"PM","isPruned":false}""", true)]
    [InlineData("PRUNE", """{"stepId":"PM"}""", false)]
    [InlineData("PRUNE", """{"stepId":"PM","isPruned":"true"}""", false)]
    [InlineData("PRUNE", """{"stepId":"PM","isPruned":null}""", false)]
    [InlineData("FLAG", """{"stepId":"PM"}""", true)]
    [InlineData("FLAG", """{"stepId":"PM","note":null}""", true)]
    [InlineData("FLAG", """{"stepId":"PM","note":""}""", true)]
    [InlineData("FLAG", """{"stepId":"PM","note":[]}""", false)]
    [InlineData("FLAG", """{"stepId":["PM"]}""", false)]
    [InlineData("CURSOR_MOVE", "{}", true)]
    [InlineData("CURSOR_MOVE", """{"nodeId":null}""", true)]
    [InlineData("CURSOR_MOVE", """{"nodeId":{}}""", false)]
    [InlineData("COMMENT", "{}", true)]
    public void Data_must_hold_what_its_type_requires(string type, string json, bool isValid)
    {
        var reader = new Utf8JsonReader(Encoding.UTF8.GetBytes(json));
        reader.Read();
        var data = EventDataReader.Read(ref reader);
        var refusal = Record.Exception(() => data.Check(_types.ForClient(type), maxBytes: 0));

        if (isValid) Assert.Null(refusal);
        else Assert.Equal(CollabErrorCode.InvalidEvent, Assert.IsType<RefusedException>(refusal).Code);
    }

    [Fact]
    public void Showing_a_cursor_needs_a_right_to_read_and_everything_else_one_to_write()
    {
        Assert.Equal(RunAccess.Read, _types.ForClient("CURSOR_MOVE").NeededAccess());
        Assert.All((string[])["GRAFT", "PRUNE", "FLAG", "COMMENT", "TYPING"], name => Assert.Equal(RunAccess.Write, _types.ForClient(name).NeededAccess()));
    }
}
