using System.CommandLine;
using Collab.Cli;
using Xunit;

namespace Collab.CliTests.Units;

public sealed class CommandLineTests
{
    [Fact]
    public async Task What_nobody_foresaw_is_a_failure_and_no_crash() => Assert.Equal(5, await RunAsync(new InvalidOperationException("Oh.")));

    [Fact]
    public async Task Something_that_was_given_up_is_no_Ctrl_C() => Assert.Equal(5, await RunAsync(new TaskCanceledException()));

    private static Task<int> RunAsync(Exception failure)
    {
        var command = new Command("fail", "Fails.");
        command.SetAction((_, _) => Task.FromException<int>(failure));
        return CommandLine.RunAsync(new RootCommand { command }, ["fail"]);
    }
}
