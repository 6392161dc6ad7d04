using Collab.TestKit;
using Xunit;

namespace Collab.IntegrationTests.Security;

/// <summary>
/// Whatever a client sends over the hub, it gets a code, its connection lives on, nothing of it is stored, and others notice nothing (P6, P8).
/// </summary>
public sealed class HostileHubCallTests(GenerousServer server) : IClassFixture<GenerousServer>
{
    private const string Good = """{"after":"A","agentName":"x"}""";

    public static TheoryData<string, string> WrongCalls()
    {
        var calls = new TheoryData<string, string>
        {
            { "NoSuchMethod", "[]" },
            { "joinrun2", """["RUN",null]""" },
            { "\\u0000", "[]" },
            { "JoinRun", "[]" },
            { "JoinRun", """["RUN"]""" },
            { "JoinRun", """["RUN",null,null]""" },
            { "JoinRun", "[null,null]" },
            { "JoinRun", "[5,null]" },
            { "JoinRun", """[{"id":"RUN"},null]""" },
            { "JoinRun", """["RUN","x"]""" },
            { "JoinRun", """["RUN",1.5]""" },
            { "JoinRun", """["RUN",-1]""" },
            { "JoinRun", """["RUN",-9223372036854775808]""" },
            { "JoinRun", """["RUN",9223372036854775808]""" },
            { "JoinRun", """["RUN",1e999]""" },
            { "JoinRun", """["RUN",400-DIGITS]""" },
            { "JoinRun", """["RUN",[]]""" },
            { "LeaveRun", "[]" },
            { "LeaveRun", "[null]" },
            { "LeaveRun", """["RUN","RUN"]""" },
            { "LeaveRun", "[[]]" },
            { "MoveCursor", """["RUN"]""" },
            { "MoveCursor", """["RUN",5]""" },
            { "MoveCursor", """["RUN","\u0000"]""" },
            { "MoveCursor", """["RUN","\ud800"]""" },
            { "MoveCursor", """["RUN","not joined"]""" },
            { "MoveCursor", """["RUN","A",null]""" },
            { "Ping", "[]" },
            { "Ping", "[1]" },
            { "Ping", "[null,null]" },
            { "Ping", """["now",null]""" },
            { "Ping", """[1,"fast"]""" },
            { "Ping", "[1,null,5]" },
            { "Ping", "[1,null,[]]" },
            { "Ping", """[1,null,{"RUN":-1}]""" },
            { "Ping", """[1,null,{"RUN":1.5}]""" },
            { "Ping", """[1,null,{"RUN":"1"}]""" },
            { "Ping", """[1,null,{"RUN":9223372036854775808}]""" },
            { "Ping", """[1,null,{"RUN":{"n":1}}]""" },
            { "Ping", """[1,null,{"everything":1}]""" },
            { "Ping", "[1,null,null,null]" },
            { "Publish", $$"""["RUN","GRAFT",{{Good}}]""" },
            { "Publish", $$"""["RUN",5,{{Good}},null]""" },
            { "Publish", $$"""["RUN",null,{{Good}},null]""" },
            { "Publish", $$"""["RUN","\ud800",{{Good}},null]""" },
        };
        foreach (var method in (string[])["Graft", "Prune", "Flag"])
        {
            calls.Add(method, "[]");
            calls.Add(method, $"""["RUN",{Good}]""");
            calls.Add(method, $"""["RUN",{Good},null,null]""");
            calls.Add(method, """["RUN","text",null]""");
        }
        foreach (var runId in Hostile.RunIds)
        {
            calls.Add("JoinRun", $"""["{runId}",null]""");
            calls.Add("LeaveRun", $"""["{runId}"]""");
            calls.Add("MoveCursor", $"""["{runId}",null]""");
            calls.Add("Graft", $"""["{runId}",{Good},null]""");
        }
        foreach (var (type, data) in Hostile.Incomplete) calls.Add("Publish", $"""["RUN","{type}",{data},null]""");
        foreach (var data in Hostile.Unstorable) calls.Add("Graft", $"""["RUN",{data},null]""");
        foreach (var messageId in Hostile.MessageIds) calls.Add("Graft", $"""["RUN",{Good},{messageId}]""");
        return calls;
    }

    [Theory]
    [MemberData(nameof(WrongCalls))]
    public async Task A_wrong_call_is_refused_and_has_no_effect(string method, string arguments)
    {
        var run = Guid.NewGuid();
        await using var other = await server.ConnectAsync("bob");
        using var hostile = await HubWire.ConnectAsync(server.Address, TestTokens.Create("mallory"));
        await other.JoinAsync(run);

        var answer = await hostile.CallAsync(method, Hostile.Spell(arguments, run));

        Assert.Equal("invalid_event", HubWire.CodeOf(answer));
        Assert.Null(HubWire.CodeOf(await hostile.CallAsync("Ping", "[1,null]")));
        Assert.Equal(1, (await other.GraftAsync(run)).SequenceNumber);
        var seen = await other.WaitForSequenceAsync(run, 1);
        Assert.DoesNotContain(seen, e => e.UserId == "mallory");
        server.AssertNoComplaint();
    }

    [Theory]
    [InlineData("{")]
    [InlineData("not json")]
    [InlineData("[]")]
    [InlineData("null")]
    [InlineData("""{"type":"one"}""")]
    [InlineData("""{"type":1,"target":5,"arguments":[]}""")]
    [InlineData("""{"type":1,"invocationId":"1","target":"Ping","arguments":{}}""")]
    [InlineData("""{"type":1,"invocationId":"1","target":"\ud800","arguments":[]}""")]
    [InlineData("""{"type":1,"invocationId":"1","target":"Ping","arguments":[1,null]""")]
    public async Task A_message_that_is_none_ends_its_own_connection_only(string message)
    {
        var run = Guid.NewGuid();
        await using var other = await server.ConnectAsync("bob");
        using var hostile = await HubWire.ConnectAsync(server.Address, TestTokens.Create("mallory"));

        await hostile.SendAsync(message);

        Assert.DoesNotContain("   at ", await hostile.EndAsync() ?? "", StringComparison.Ordinal);
        Assert.Equal(1, (await other.GraftAsync(run)).SequenceNumber);
        server.AssertNoComplaint();
    }

    [Fact]
    public async Task An_answer_to_no_question_is_passed_over()
    {
        using var hostile = await HubWire.ConnectAsync(server.Address, TestTokens.Create("mallory"));

        await hostile.SendAsync("""{"type":3,"invocationId":"77","result":1}""");
        await hostile.SendAsync("""{"type":5,"invocationId":"77"}""");

        Assert.Null(HubWire.CodeOf(await hostile.CallAsync("Ping", "[1,null]")));
    }

    [Fact]
    public async Task Of_duplicate_keys_the_last_one_counts_everywhere()
    {
        var run = Guid.NewGuid();
        using var wire = await HubWire.ConnectAsync(server.Address, TestTokens.Create("carol"));
        using var api = server.Api("carol");

        Assert.Null(HubWire.CodeOf(await wire.CallAsync("Graft", $$"""["{{run}}",{"after":"A","after":"B","agentName":5,"agentName":"x"},null]""")));

        Assert.Equal(["B"], (await api.StateAsync(run)).Value.Grafts.Keys);
        Assert.Equal("B", Assert.Single((await api.ReplayAsync(run)).Value.Events).Data.GetProperty("after").GetString());
    }

    [Fact]
    public async Task Data_at_the_limit_passes_and_a_byte_more_is_too_large()
    {
        var run = Guid.NewGuid();
        using var wire = await HubWire.ConnectAsync(server.Address, TestTokens.Create("carol"));
        var frame = """{"after":"A","agentName":""}""".Length;

        var fits = await wire.CallAsync("Graft", Sized(16_384 - frame));
        var tooLarge = await wire.CallAsync("Graft", Sized(16_385 - frame));
        var muchTooLarge = await wire.CallAsync("Graft", Sized(60_000));

        Assert.Null(HubWire.CodeOf(fits));
        Assert.Equal("payload_too_large", HubWire.CodeOf(tooLarge));
        Assert.Equal("payload_too_large", HubWire.CodeOf(muchTooLarge));
        Assert.Equal(2, (await wire.CallAsync("Graft", Sized(1))).GetProperty("result").GetProperty("sequenceNumber").GetInt64());

        string Sized(int length) => $$"""["{{run}}",{"after":"A","agentName":"{{new string('x', length)}}"},null]""";
    }

    [Fact]
    public async Task A_frame_of_ten_megabytes_ends_that_connection_only()
    {
        var run = Guid.NewGuid();
        await using var other = await server.ConnectAsync("bob");
        await other.JoinAsync(run);
        using var hostile = await HubWire.ConnectAsync(server.Address, TestTokens.Create("mallory"));

        var sending = hostile.BeginCallAsync("1", "Graft", $$"""["{{run}}",{"after":"A","agentName":"{{new string('x', 10 << 20)}}"},null]""");
        await hostile.EndAsync();
        await Record.ExceptionAsync(() => sending);

        Assert.Equal(1, (await other.GraftAsync(run)).SequenceNumber);
        await other.WaitForSequenceAsync(run, 1);
        server.AssertNoComplaint();
    }

    [Fact]
    public async Task Nesting_that_no_reader_follows_is_refused_and_the_connection_lives_on()
    {
        var run = Guid.NewGuid();
        await using var other = await server.ConnectAsync("bob");
        using var hostile = await HubWire.ConnectAsync(server.Address, TestTokens.Create("mallory"));

        // As deep as it may be, and every reader still reads it.
        Assert.Null(HubWire.CodeOf(await hostile.CallAsync("Graft", Nested(49))));
        foreach (var depth in (int[])[50, 57, 60, 61, 100]) Assert.Equal("invalid_event", HubWire.CodeOf(await hostile.CallAsync("Graft", Nested(depth))));
        Assert.Equal("invalid_event", HubWire.CodeOf(await hostile.CallAsync("Graft", Nested(10_000))));
        Assert.Null(HubWire.CodeOf(await hostile.CallAsync("JoinRun", $"""["{run}",null]""")));

        Assert.Equal(2, (await other.GraftAsync(run)).SequenceNumber);
        Assert.Equal([1L, 2L], (await other.JoinAsync(run)).Events.Select(e => e.SequenceNumber!.Value));
        server.AssertNoComplaint();

        string Nested(int depth) => $$"""["{{run}}",{"after":"A","agentName":"x","deep":{{Hostile.Nested(depth)}}},null]""";
    }
}
