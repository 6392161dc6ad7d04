using System.Globalization;
using System.Text.Json;
using Collab.CliTests.Kit;
using Collab.Protocol;
using Collab.TestKit;
using Xunit;

namespace Collab.CliTests.RealServer;

/// <summary>Files of events: all of them, each once, in their order, whatever happens meanwhile.</summary>
public sealed class PublishFileTests : IDisposable
{
    private readonly Guid _run = Guid.NewGuid();
    private readonly TemporaryFolder _folder = new("events");

    private string File => _folder["events.ndjson"];

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task A_thousand_events_go_out_in_order_and_a_line_says_how_far_it_is()
    {
        await using var server = await StartAsync(perSecond: 0);
        Write(1000);

        var ended = await PublishAsync(server);

        Assert.Equal(0, ended.ExitCode);
        Assert.Equal(Numbers(1, 1000), ended.Out);
        Assert.Matches(@"^1,000 of 1,000 events \(100 %\), [\d,]+/s$", ended.Error[^1]);
        await AssertEachOnceAsync(server, 1000);
    }

    [Fact]
    public async Task A_bad_line_is_found_before_anything_is_published()
    {
        await using var server = await StartAsync(perSecond: 0);
        Write(150);
        System.IO.File.AppendAllText(File, """{"eventType":"FLAG","data":7}""");

        var ended = await PublishAsync(server);

        Assert.Equal(2, ended.ExitCode);
        Assert.Equal("collab: Line 151: data must be an object. Nothing was published.", Assert.Single(ended.Error));
        await AssertEachOnceAsync(server, 0);
    }

    [Fact]
    public async Task What_the_server_refuses_is_named_and_mended_and_gone_on_with()
    {
        await using var server = await StartAsync(perSecond: 0);
        Write(250);
        var lines = System.IO.File.ReadAllLines(File);
        System.IO.File.WriteAllLines(File, [.. lines[..199], """{"eventType":"NOPE"}""", .. lines[200..]]);

        var refused = await PublishAsync(server);

        Assert.Equal(1, refused.ExitCode);
        Assert.StartsWith("collab: invalid_event: Line 200: ", refused.Error[^1], StringComparison.Ordinal);
        Assert.Equal("collab: 199 of 250 events are acknowledged. Go on with --from 200; what is stored by then is stored once.", refused.Error[^2]);

        System.IO.File.WriteAllLines(File, lines);
        var mended = await PublishAsync(server, "--from", "200");

        Assert.Equal(0, mended.ExitCode);
        Assert.Equal(Numbers(200, 51), mended.Out);
        await AssertEachOnceAsync(server, 250);
    }

    [Fact]
    public async Task A_server_that_limits_is_waited_for()
    {
        await using var server = await StartAsync(perSecond: 100, burst: 15);
        Write(200);

        var ended = await PublishAsync(server, "--timeout", "20s");

        Assert.Equal(0, ended.ExitCode);
        Assert.Contains(ended.Error, line => line.Contains(" waits ", StringComparison.Ordinal) && line.Contains("rate_limited", StringComparison.Ordinal));
        await AssertEachOnceAsync(server, 200);
    }

    [Fact]
    public async Task A_server_that_dies_and_comes_back_costs_nothing()
    {
        await using var server = await StartAsync(perSecond: 40, burst: 10);
        Write(150);
        await using var tool = Start(server, "--timeout", "60s");
        await tool.Out.WaitForAsync(lines => lines.Count >= 20);

        await server.KillAsync();
        await server.StartAgainAsync();
        var ended = await tool.EndAsync();

        Assert.True(ended.ExitCode == 0, ended.ErrorText);
        Assert.Equal(Numbers(1, 150), ended.Out);
        await AssertEachOnceAsync(server, 150);
    }

    [Fact]
    public async Task Ctrl_C_says_how_to_go_on()
    {
        await using var server = await StartAsync(perSecond: 40, burst: 10);
        Write(120);
        await using var tool = Start(server);
        await tool.Out.WaitForAsync(lines => lines.Count >= 15);

        await tool.InterruptAsync();
        var ended = await tool.EndAsync();

        Assert.Equal(130, ended.ExitCode);
        var done = ended.Out.Length;
        Assert.Equal($"collab: {done} of 120 events are acknowledged. Go on with --from {done + 1}; what is stored by then is stored once.", ended.Error[^1]);

        // What was under way at that moment may be stored already.
        var rest = await PublishAsync(server, "--from", $"{done + 1}");
        Assert.Equal(Numbers(done + 1, 120 - done), rest.Out);
        await AssertEachOnceAsync(server, 120);
    }

    [Fact]
    public async Task The_same_file_is_stored_once_and_under_another_name_again()
    {
        await using var server = await StartAsync(perSecond: 0);
        Write(3);
        await PublishAsync(server);

        var again = await PublishAsync(server, "--json");
        var acks = again.Out.Select(line => JsonSerializer.Deserialize(line, CollabJson.Default.PublishAck)!).ToArray();
        Assert.Equal([(1L, true), (2L, true), (3L, true)], acks.Select(ack => (ack.SequenceNumber!.Value, ack.Duplicate)));
        Assert.Equal("collab: 3 of them were stored before.", again.Error[^1]);

        Assert.Equal(Numbers(4, 3), (await PublishAsync(server, "--batch", "second")).Out);
    }

    [Fact]
    public async Task What_was_replayed_can_be_published_to_another_run_through_a_pipe_whose_reader_goes()
    {
        await using var server = await StartAsync(perSecond: 0);
        Write(120);
        await PublishAsync(server);
        var other = Guid.NewGuid();

        await using var pipe = Tool.Start(
            "sh", ["-c", $"dotnet '{Tool.Assembly}' replay {_run} --json | dotnet '{Tool.Assembly}' publish {other} --file - | head -n 1"], EnvironmentOf(server));
        var ended = await pipe.EndAsync();

        Assert.Equal(["1"], ended.Out);
        await AssertEachOnceAsync(server, 120, other);
    }

    [Fact]
    public async Task A_server_that_is_not_there_is_not_reached_in_time()
    {
        Write(2);
        var nowhere = new Dictionary<string, string> { ["COLLAB_SERVER"] = $"http://127.0.0.1:{FreePort.Next()}", ["COLLAB_TOKEN"] = TestTokens.Create("ada") };

        var ended = await Tool.RunAsync(nowhere, "publish", $"{_run}", "--file", File, "--timeout", "5s");

        Assert.Equal(3, ended.ExitCode);
        Assert.Contains("has not acknowledged line 1 within 5 s: the server could not be asked: Connection refused", ended.Error[^1], StringComparison.Ordinal);
    }

    private static string[] Numbers(int first, int count) => [.. Enumerable.Range(first, count).Select(n => n.ToString(CultureInfo.InvariantCulture))];

    private static Task<ServerProcess> StartAsync(int perSecond, int burst = 50) => ServerProcess.StartAsync(new ServerSettings
    {
        Configuration = new Dictionary<string, string?>
        {
            ["Collab:Limits:PublishPerSecond"] = $"{perSecond}",
            ["Collab:Limits:PublishBurst"] = $"{burst}",
            ["Collab:Limits:PublishPerMinute"] = "0",
        },
    });

    private static Dictionary<string, string> EnvironmentOf(ServerProcess server) => new()
    {
        ["COLLAB_SERVER"] = server.BaseAddress.AbsoluteUri,
        ["COLLAB_TOKEN"] = TestTokens.Create("ada"),
    };

    private void Write(int count) => System.IO.File.WriteAllLines(
        File, Enumerable.Range(1, count).Select(n => $$$"""{"eventType":"FLAG","data":{"stepId":"PM","note":"Größe {{{n}}}"}}"""));

    private Tool Start(ServerProcess server, params string[] more) => Tool.Start(EnvironmentOf(server), ["publish", $"{_run}", "--file", File, .. more]);

    private async Task<Ended> PublishAsync(ServerProcess server, params string[] more)
    {
        await using var tool = Start(server, more);
        return await tool.EndAsync();
    }

    private async Task AssertEachOnceAsync(ServerProcess server, int count, Guid? run = null)
    {
        using var reader = new ApiClient(server.BaseAddress, TestTokens.Create("eve"));
        var events = (await reader.ReplayAsync(run ?? _run, limit: 1000)).Value.Events;
        Assert.Equal(Enumerable.Range(1, count).Select(n => $"Größe {n}"), events.Select(e => e.Data.GetProperty("note").GetString()));
        Assert.Equal(Enumerable.Range(1, count).Select(n => (long?)n), events.Select(e => e.SequenceNumber));
    }
}
