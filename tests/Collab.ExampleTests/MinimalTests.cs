using System.Text.RegularExpressions;
using Collab.TestKit;
using Xunit;

namespace Collab.ExampleTests;

/// <summary>The smallest application, and what its page tells to type.</summary>
public sealed partial class MinimalTests
{
    [Fact]
    public async Task What_is_published_from_a_shell_is_seen_there()
    {
        var example = new Example("minimal");
        await using var server = await example.StartAsync();

        await using var shell = example.Type(1, server.BaseAddress);

        await shell.WaitForLineAsync(Stored());
        await shell.WaitForLineAsync(Streamed());
    }

    [Fact]
    public async Task Outside_of_Development_it_does_not_start()
    {
        await using var program = ChildProcess.Start(new("dotnet", [Repository.AssemblyOf("docs/examples/minimal"), "--urls", "http://127.0.0.1:0"])
        {
            Environment = { ["ASPNETCORE_ENVIRONMENT"] = "Production" },
        });

        Assert.NotEqual(0, await program.Exited.WaitAsync(Patience.Process));
        Assert.Contains(program.Output.All, line => line.Contains("Collab:Auth:SigningKey", StringComparison.Ordinal));
    }

    [GeneratedRegex("\"sequenceNumber\":1,", RegexOptions.None, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Stored();

    [GeneratedRegex("^data: .*\"eventType\":\"GRAFT\",\"userId\":\"ana\"", RegexOptions.None, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Streamed();
}
