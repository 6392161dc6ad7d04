using System.Diagnostics;
using System.Text.Json;
using System.Text.RegularExpressions;
using Collab.Protocol;
using Collab.TestKit;
using Xunit;

namespace Collab.ExampleTests;

/// <summary>The bot in Python: whatever dies in between, each graft is seen and answered once.</summary>
public sealed partial class PythonBotTests
{
    [Fact]
    public async Task It_answers_each_graft_once_though_server_and_bot_are_killed()
    {
        var run = Guid.NewGuid();
        await using var server = await new Example("minimal").StartAsync();
        using var ana = new ApiClient(server.BaseAddress, await TokenAsync(server.BaseAddress, "ana"));
        await using (var bot = Start(server, run))
        {
            await GraftAsync(ana, run, "one");
            await bot.WaitForLineAsync(FlagLine("one"));

            await server.KillAsync();
            await server.StartAgainAsync();
            await GraftAsync(ana, run, "two");
            await bot.WaitForLineAsync(FlagLine("two"));
            Assert.Equal(["1", "2", "3", "4"], NumbersIn(bot));
        }

        // The next one knows nothing, reads all of it and answers all of it again.
        await using var next = Start(server, run);
        await GraftAsync(ana, run, "three");
        await next.WaitForLineAsync(FlagLine("three"));
        Assert.Equal(["1", "2", "3", "4", "5", "6"], NumbersIn(next));
        var events = (await ana.ReplayAsync(run)).Value.Events;
        Assert.Equal(["GRAFT one", "FLAG one", "GRAFT two", "FLAG two", "GRAFT three", "FLAG three"], events.Select(Text));
    }

    [Fact]
    public async Task An_erased_run_begins_again()
    {
        var run = Guid.NewGuid();
        await using var server = await new Example("minimal").StartAsync();
        using var ana = new ApiClient(server.BaseAddress, await TokenAsync(server.BaseAddress, "ana", admin: true));
        await using var bot = Start(server, run);
        await GraftAsync(ana, run, "one");
        await bot.WaitForLineAsync(FlagLine("one"));

        await ana.EraseAsync(run);
        await GraftAsync(ana, run, "two");

        await bot.WaitForLineAsync(FlagLine("two"));
        Assert.Equal(["1", "2", "1", "2"], NumbersIn(bot));
    }

    [Fact]
    public async Task What_the_server_refuses_for_good_ends_it_with_the_servers_words()
    {
        await using var server = await new Example("minimal").StartAsync();

        await using var bot = Start(server, Guid.NewGuid(), token: "no token");

        Assert.Equal(1, await bot.Exited.WaitAsync(Patience.Process));
        Assert.Contains(bot.Output.All, line => line.Contains("unauthorized", StringComparison.Ordinal));
    }

    private static ChildProcess Start(ServerProcess server, Guid run, string? token = null)
    {
        var command = new Example("python").Shell[0].Trim().Split(' ');
        var start = new ProcessStartInfo(command[0], [.. command[1..^1], run.ToString(), "--server", server.BaseAddress.ToString()])
        {
            WorkingDirectory = Repository.Root,
        };
        start.Environment["PYTHONDONTWRITEBYTECODE"] = "1";
        start.Environment.Remove("COLLAB_TOKEN");
        if (token is not null) start.Environment["COLLAB_TOKEN"] = token;
        return ChildProcess.Start(start);
    }

    internal static async Task<string> TokenAsync(Uri server, string user, bool admin = false)
    {
        using var http = new HttpClient { BaseAddress = server };
        var answer = await http.GetStringAsync(new Uri($"dev/token?user={user}&admin={(admin ? "true" : "false")}", UriKind.Relative));
        return JsonSerializer.Deserialize(answer, CollabJson.Default.DevToken)!.Token;
    }

    private static async Task GraftAsync(ApiClient by, Guid run, string agent) =>
        _ = (await by.PublishAsync(run, "GRAFT", new { after = "PM", agentName = agent })).Value;

    private static IEnumerable<string> NumbersIn(ChildProcess bot) =>
        bot.Output.All.Select(line => Numbered().Match(line)).Where(m => m.Success).Select(m => m.Groups["number"].Value);

    private static string Text(CollaborationEvent e) =>
        $"{e.EventType} {e.Data.GetProperty(e.EventType == "GRAFT" ? "agentName" : "stepId").GetString()}";

    private static Regex FlagLine(string agent) => new($"FLAG \"reviewer\" .*\"{agent}\"", RegexOptions.None, TimeSpan.FromSeconds(1));

    [GeneratedRegex(@"^#(?<number>\d+) ", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Numbered();
}
