using System.Text;
using Collab.AspNetCore.Cluster;
using Collab.AspNetCore.Presence;
using Collab.UnitTests.Kit;
using Xunit;
using static Collab.UnitTests.Cluster.ClusterScene;

namespace Collab.UnitTests.Cluster;

/// <summary>What comes over the bus and makes no sense reaches no client, and one that is never heard of leaves no users behind.</summary>
public sealed class ForeignWordsTests : IAsyncLifetime
{
    private static readonly Guid Stranger = Guid.Parse("bbbbbbbb-0000-4000-8000-000000000009");

    /// <summary>The head of an event of the run, up to its number.</summary>
    private static readonly string Head = $$"""{"runId":"{{Run}}","sequenceNumber":1,"eventType":"FLAG","userId":"eve","timestamp":1,"data":{""";

    private readonly ClusterScene _scene = ClusterScene.Create();

    public static TheoryData<byte[]> Senseless => new(
        "no JSON"u8.ToArray(), ""u8.ToArray(), "[]"u8.ToArray(), "{} {}"u8.ToArray(), "{\n}"u8.ToArray(), "{\"a\":"u8.ToArray(), [.. "{\"a\":\""u8, 0xFF, .. "\"}"u8]);

    public Task InitializeAsync() => Task.CompletedTask;

    public async Task DisposeAsync() => await _scene.DisposeAsync();

    [Theory]
    [MemberData(nameof(Senseless))]
    public async Task An_ephemeral_event_that_is_no_line_of_JSON_is_told_to_none(byte[] json)
    {
        var host = await _scene.StartAsync();
        var follower = await _scene.JoinAsync(host, "ana");

        Say(host, NewsKind.Ephemeral, json);
        Say(host, NewsKind.Ephemeral, "{\"text\":\"sound\"}"u8.ToArray());
        await _scene.PassAsync(seconds: 0.5);

        Assert.Equal(["{\"text\":\"sound\"}"], TextOf(follower).Where(text => !text.Contains("USER_", StringComparison.Ordinal)));
    }

    [Theory]
    [MemberData(nameof(Senseless))]
    public async Task A_cursor_that_is_no_line_of_JSON_is_told_to_none(byte[] json)
    {
        var host = await _scene.StartAsync();
        var follower = await _scene.JoinAsync(host, "ana");

        Tell(host, version: 1, new Attendance("eve", IsHere: true, null, "n1", json));
        Tell(host, version: 2, new Attendance("ben", IsHere: true, null, "n1", "{\"nodeId\":\"n1\"}"u8.ToArray()));
        await _scene.PassAsync(seconds: 0.5);

        Assert.Equal(["{\"nodeId\":\"n1\"}"], TextOf(follower).Where(text => !text.Contains("USER_", StringComparison.Ordinal)));
        Assert.Equal(["ana", "ben"], UsersOn(host));
    }

    [Theory]
    [InlineData("")]
    [InlineData("a\0b")]
    public async Task A_user_with_an_id_that_none_can_have_is_not_there(string userId)
    {
        var host = await _scene.StartAsync();
        await _scene.JoinAsync(host, "ana");

        Tell(host, version: 1, new Attendance(userId, IsHere: true, null, null, null));
        await _scene.PassAsync(seconds: 0.5);

        Assert.Equal(["ana"], UsersOn(host));
    }

    [Theory]
    [InlineData("}} trailing")]
    [InlineData("}")]
    [InlineData("\n}}")]
    public async Task An_event_that_is_no_line_of_JSON_is_told_to_none(string rest)
    {
        var host = await _scene.StartAsync();
        var follower = await _scene.JoinAsync(host, "ana");
        var row = new EventRow();
        row.Begin(Some.Epoch, sequence: 1);
        row.Add(Encoding.UTF8.GetBytes(Head + rest), withBytes: true);

        Say(host, NewsKind.Events, row.Bytes.WrittenSpan.ToArray(), first: 1, count: 1);
        await _scene.PassAsync(seconds: 0.5);

        Assert.DoesNotContain(follower.Frames.All, frame => frame.Critical.Length > 0);
    }

    [Fact]
    public async Task Users_of_a_server_that_is_never_heard_of_are_gone_after_some_seconds()
    {
        var host = await _scene.StartAsync();
        var follower = await _scene.JoinAsync(host, "ana");

        Tell(host, version: 1, new Attendance("eve", IsHere: true, null, null, null));
        await _scene.PassAsync(seconds: 1);
        Assert.Equal(["ana", "eve"], UsersOn(host));
        await _scene.PassAsync(seconds: 9);

        Assert.Equal(["ana"], UsersOn(host));
        Assert.Equal(2, Changes(follower).Count);
    }

    private static string[] TextOf(FakeSubscriber follower) => [.. follower.Frames.All.SelectMany(f => f.Ephemeral).Select(Encoding.UTF8.GetString)];

    private static void Tell(ClusterHost host, long version, Attendance user) =>
        Say(host, NewsKind.Presence, AttendanceForm.Write(Extent.Changes, before: version - 1, new(Some.Epoch, [user], Marks: [])), version, count: 1);

    private static void Say(ClusterHost host, NewsKind kind, byte[] body, long first = 0, int count = 0) => host.Bus.Receive(new Envelope
    {
        Kind = kind,
        Sender = Stranger,
        RunId = Run,
        Epoch = Some.Epoch,
        First = first,
        Count = count,
        Body = body,
    }.ToMessage(key: null));
}
