using System.Text.RegularExpressions;
using Collab.TestKit;
using Xunit;

namespace Collab.PackageTests;

/// <summary>
/// Fresh projects outside the repository install the packages from a feed: an application serves runs, programs take part, as they are
/// built, trimmed, and compiled ahead of time, and so does the tool.
/// </summary>
[Collection(Packages.Name)]
public sealed class InstalledTests(Packages packages)
{
    [Fact]
    public async Task A_console_program_and_the_tool_take_part()
    {
        var folder = await packages.CopyProjectAsync("console");
        await packages.DotnetAsync(folder, "build", "-o", "out");

        await TakePartAsync(folder, "dotnet", "out/console.dll");
    }

    [Fact]
    public async Task The_application_of_the_front_page_takes_events_and_keeps_to_its_rule()
    {
        var page = await File.ReadAllTextAsync(Path.Combine(Repository.Root, "README.md"));
        await using var server = await FreshServer.StartAsync(packages, "front-page", page);
        var run = Guid.NewGuid().ToString();

        Assert.Equal(0, await FlagAsync("alice"));
        Assert.NotEqual(0, await FlagAsync("guest"));

        async Task<int> FlagAsync(string user)
        {
            string[] flag = ["flag", run, "--step", "SRE", "--note", "who pays?", "--user", user, "--server", server.Address.ToString()];
            await using var tool = ChildProcess.Start(packages.Start(await packages.ToolAsync(), packages.Feed, flag));
            return await tool.Exited.WaitAsync(Patience.Process);
        }
    }

    [Theory]
    [InlineData("PublishTrimmed")]
    [InlineData("PublishAot")]
    public async Task A_console_program_is_published_without_a_warning_and_takes_part(string how)
    {
        var folder = await packages.CopyProjectAsync("console", to: $"console-{how}");

        var said = await packages.DotnetAsync(folder, "publish", "--use-current-runtime", $"-p:{how}=true", "-o", "out");

        Assert.DoesNotContain(said, line => line.Contains("warning", StringComparison.OrdinalIgnoreCase));
        await TakePartAsync(folder, Path.Combine(folder, "out", "console"));
    }

    /// <summary>The program joins twice, once with each form of messages; both see what both graft, and then what a third does.</summary>
    private async Task TakePartAsync(string folder, string program, params string[] arguments)
    {
        var (server, run) = ((await packages.ServerAsync()).Address.ToString(), Guid.NewGuid().ToString());
        await using var ada = ChildProcess.Start(packages.Start(program, folder, [.. arguments, server, run, "ada", "Json"]));
        await using var ben = ChildProcess.Start(packages.Start(program, folder, [.. arguments, server, run, "ben", "MessagePack"]));
        foreach (var process in new[] { ada, ben })
        {
            await process.WaitForLineAsync(Line("GRAFT by-ada by ada"));
            await process.WaitForLineAsync(Line("GRAFT by-ben by ben"));
        }

        string[] graft = ["graft", run, "--after", "ARCHITECT", "--agent", "by-the-tool", "--user", "eve", "--server", server];
        await using var tool = ChildProcess.Start(packages.Start(await packages.ToolAsync(), folder, graft));
        Assert.Equal(0, await tool.Exited);
        foreach (var process in new[] { ada, ben })
        {
            await process.WaitForLineAsync(Line("is done: 3 events"));
            Assert.Equal(0, await process.Exited.WaitAsync(Patience.Process));
        }
    }

    private static Regex Line(string text) => new(Regex.Escape(text), RegexOptions.None, TimeSpan.FromSeconds(5));
}
