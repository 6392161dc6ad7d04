using System.Diagnostics;
using System.Text.RegularExpressions;
using Collab.Protocol;
using Collab.TestKit;
using Xunit;

namespace Collab.ExampleTests;

/// <summary>The client in Python, made from docs/protocol.md alone: it folds as the server does, and knows when it does not.</summary>
public sealed class PythonClientTests
{
    private const string Script = "docs/examples/python/client.py";

    [Fact]
    public async Task It_passes_all_cases_of_the_fold_and_the_scenarios_that_it_claims()
    {
        await using var runner = Start(["tests/Collab.ExampleTests/python_conformance.py"]);

        var code = await runner.Exited.WaitAsync(Patience.Process);

        var said = runner.Output.All;
        Assert.True(code == 0, string.Join('\n', said));
        foreach (var name in FoldCases.Names) Assert.Contains($"ok fold: {name}", said);
        Assert.Contains("ok fingerprint-while-polling", said);
        Assert.Contains("ok latest-while-polling", said);
        Assert.Equal($"{said.Count(line => line.StartsWith("ok ", StringComparison.Ordinal))} passed, 0 failed", said[^1]);
    }

    [Theory]
    [InlineData()]
    [InlineData("--poll")]
    public async Task It_has_the_servers_state_after_each_event_though_the_server_is_killed(params string[] how)
    {
        var run = Guid.NewGuid();
        await using var server = await new Example("minimal").StartAsync();
        using var ana = new ApiClient(server.BaseAddress, await PythonBotTests.TokenAsync(server.BaseAddress, "ana"));
        await FlagAsync(ana, run, "early");
        await using var client = Start([Script, run.ToString(), "--server", server.BaseAddress.ToString(), .. how]);
        await SaysServersStateAsync(client, ana, run, 1, mismatches: 0);

        await server.KillAsync();
        await server.StartAgainAsync();
        await FlagAsync(ana, run, "\"late\" 😀 é");

        await SaysServersStateAsync(client, ana, run, 2, mismatches: 0);
        _ = (await ana.PublishAsync(run, EventTypes.RunEnd, new { outcome = "done" })).Value;
        await SaysServersStateAsync(client, ana, run, 3, mismatches: 0);
        Assert.Equal(0, await client.Exited.WaitAsync(Patience.Process));
    }

    [Theory]
    [InlineData()]
    [InlineData("--poll")]
    public async Task A_state_that_was_changed_behind_its_back_is_found_and_healed(params string[] how)
    {
        var run = Guid.NewGuid();
        await using var server = await new Example("minimal").StartAsync();
        using var ana = new ApiClient(server.BaseAddress, await PythonBotTests.TokenAsync(server.BaseAddress, "ana"));
        await FlagAsync(ana, run, "as it was");
        await using var client = Start([Script, run.ToString(), "--server", server.BaseAddress.ToString(), .. how]);
        await SaysServersStateAsync(client, ana, run, 1, mismatches: 0);

        await server.KillAsync();
        await ChangeAsync(Path.Combine(server.WorkingFolder, "data", "minimal.db"));
        await server.StartAgainAsync();
        _ = (await ana.PublishAsync(run, EventTypes.Prune, new { stepId = "SRE", isPruned = true })).Value;

        // Which event it is found at is a matter of luck; after that one it is well.
        await client.WaitForLineAsync(new("^#2 .* mismatches: 1$", RegexOptions.None, TimeSpan.FromSeconds(1)));
        _ = (await ana.PublishAsync(run, EventTypes.Prune, new { stepId = "QUALIFIER", isPruned = true })).Value;
        await SaysServersStateAsync(client, ana, run, 3, mismatches: 1);
        Assert.Equal("as it is now", (await ana.StateAsync(run)).Value.Flags["PM"].Note);
    }

    /// <summary>The line of an event ends in what the state comes to then, and how often it was not the server's.</summary>
    private static async Task SaysServersStateAsync(ChildProcess client, ApiClient api, Guid run, long sequence, int mismatches)
    {
        var state = (await api.StateAsync(run)).Value;
        Assert.Equal(StateFingerprint.Of(state), state.Fingerprint);
        Assert.Equal(sequence, state.AsOfSequence);
        var line = await client.WaitForLineAsync(new($"^#{sequence} ", RegexOptions.None, TimeSpan.FromSeconds(1)));
        var said = client.Output.All.Last(text => text.StartsWith($"#{sequence} ", StringComparison.Ordinal));
        Assert.True(line.Success && said.EndsWith($" {state.Fingerprint!.Hash} mismatches: {mismatches}", StringComparison.Ordinal), said);
    }

    /// <summary>Writes another note into the row of the first event, as no server would.</summary>
    private static Task ChangeAsync(string database) => ChildProcess.RunAsync(new ProcessStartInfo("python3",
    [
        "-c",
        """
        import json, sqlite3, sys
        with sqlite3.connect(sys.argv[1]) as db:
            rows = db.execute("select rowid, message_data from persisted_collaboration_messages where event_type = 'FLAG'").fetchall()
            (row, data), = rows
            changed = json.dumps({**json.loads(data), "note": "as it is now"})
            db.execute("update persisted_collaboration_messages set message_data = ? where rowid = ?", (changed if isinstance(data, str) else changed.encode(), row))
        """,
        database,
    ]));

    private static ChildProcess Start(string[] arguments)
    {
        var start = new ProcessStartInfo("python3", arguments) { WorkingDirectory = Repository.Root };
        start.Environment["PYTHONDONTWRITEBYTECODE"] = "1";
        start.Environment["PYTHONUTF8"] = "1";
        start.Environment.Remove("COLLAB_TOKEN");
        return ChildProcess.Start(start);
    }

    private static async Task FlagAsync(ApiClient by, Guid run, string note) =>
        _ = (await by.PublishAsync(run, EventTypes.Flag, new { stepId = "PM", note })).Value;
}
