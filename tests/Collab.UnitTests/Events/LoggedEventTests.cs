using System.Text;
using Collab.AspNetCore.Events;
using Collab.UnitTests.Kit;
using Xunit;

namespace Collab.UnitTests.Events;

/// <summary>An event is the same, whichever server serialised it.</summary>
public sealed class LoggedEventTests
{
    [Theory]
    [InlineData(null, """{"stepId":"PM"}""")]
    [InlineData("Grüße \"🚀\"", """{"sequenceNumber":7,"data":{"userId":["}"]}}""")]
    [InlineData("", "{}")]
    public void What_another_server_serialised_is_read_back_as_it_was(string? userName, string data)
    {
        var ours = new LoggedEvent(Some.Run, 42, "FLAG", "älice", userName, 1_760_000_000_000, Guid.NewGuid(), Encoding.UTF8.GetBytes(data));

        var theirs = LoggedEvent.FromJson([.. ours.Json]);

        Assert.Equal(ours.Json, theirs.Json);
        Assert.Equal((42, "FLAG", "älice", userName, 1_760_000_000_000), (theirs.Sequence, theirs.EventType, theirs.UserId, theirs.UserName, theirs.Timestamp));
        Assert.Equal(data, Encoding.UTF8.GetString(theirs.Data));
    }

    [Fact]
    public void A_newer_servers_fields_are_left_alone()
    {
        var json = """{"new":{"data":1,"sequenceNumber":[2]},"sequenceNumber":3,"eventType":"FLAG","userId":"bob","timestamp":4,"data":{},"later":null}"""u8;

        var read = LoggedEvent.FromJson(json.ToArray());

        Assert.Equal((3, "FLAG", "bob", 4, "{}"), (read.Sequence, read.EventType, read.UserId, read.Timestamp, Encoding.UTF8.GetString(read.Data)));
    }
}
