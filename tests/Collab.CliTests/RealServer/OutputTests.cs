using Collab.CliTests.Kit;
using Xunit;

namespace Collab.CliTests.RealServer;

/// <summary>Where standard output takes nothing: a disk that is full.</summary>
public sealed class OutputTests(DevelopmentServer server) : IClassFixture<DevelopmentServer>
{
    private readonly Guid _run = Guid.NewGuid();

    [Theory]
    [InlineData("watch {0} --json")]
    [InlineData("watch {0}")]
    [InlineData("flag {0} --step PM")]
    [InlineData("replay {0} --json")]
    [InlineData("state {0}")]
    [InlineData("load {0} --clients 1 --duration 100ms --json")]
    [InlineData("--help")]
    public async Task What_cannot_be_written_is_a_failure(string line)
    {
        await PublishAsync();

        var ended = await ShellAsync(string.Format(null, line, _run), "> /dev/full");

        Assert.Equal(5, ended.ExitCode);
        Assert.Equal("collab: The output cannot be written: No space left on device.", ended.Error[^1]);
    }

    [Fact]
    public async Task Nor_is_it_a_success_where_there_is_no_output_at_all()
    {
        await PublishAsync();

        var ended = await ShellAsync($"replay {_run}", "1< /dev/null");

        Assert.Equal(5, ended.ExitCode);
        Assert.StartsWith("collab: The output cannot be written: ", Assert.Single(ended.Error), StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_is_said_meanwhile_may_get_lost()
    {
        var ended = await ShellAsync($"load {_run} --clients 1 --duration 1500ms --json", "2> /dev/full");

        Assert.Equal(0, ended.ExitCode);
        Assert.Single(ended.Out);
    }

    private async Task PublishAsync()
    {
        using var bob = await server.ClientAsync("bob");
        await bob.PublishAsync(_run, "FLAG", new { stepId = "PM" });
    }

    private async Task<Ended> ShellAsync(string line, string redirection)
    {
        await using var tool = Tool.Start("sh", ["-c", $"exec dotnet '{Tool.Assembly}' {line} {redirection}"], server.Environment);
        return await tool.EndAsync();
    }
}
