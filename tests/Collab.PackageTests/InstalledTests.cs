using System.Text.RegularExpressions;
using Collab.TestKit;
using Xunit;

namespace Collab.PackageTests;

/// <summary>
/// Fresh projects outside the repository install the packages from a feed and use them as the packages' own pages say: an application serves runs, a console program and
/// the tool take part.
/// </summary>
[Collection(Packages.Name)]
public sealed partial class InstalledTests(Packages packages)
{
    private const string Run = "550e8400-e29b-41d4-a716-446655440000";

    [Fact]
    public async Task An_application_serves_a_run_in_which_a_console_program_and_the_tool_take_part()
    {
        var application = await packages.BuildProjectAsync(
            "fresh-application",
            "Microsoft.NET.Sdk.Web",
            """<ItemGroup><PackageReference Include="Collab.AspNetCore" Version="VERSION" /></ItemGroup>""",
            Example("Collab.AspNetCore"));
        await using var server = Start(application, "fresh-application");
        var address = (await server.WaitForLineAsync(ListeningLine())).Groups["address"].Value;

        var console = await packages.BuildProjectAsync(
            "fresh-console",
            "Microsoft.NET.Sdk",
            """
            <PropertyGroup><OutputType>Exe</OutputType></PropertyGroup>
            <ItemGroup><PackageReference Include="Collab.Client" Version="VERSION" /></ItemGroup>
            """,
            ConsoleProgram);
        await using var program = ChildProcess.Start(packages.Start("dotnet", console, "out/fresh-console.dll", address, Run));
        await program.WaitForLineAsync(GraftLine("security-scanner-v1"));

        await packages.DotnetAsync(console, "tool", "install", "Collab.Cli", "--version", packages.Version, "--tool-path", "tools", "--add-source", packages.Feed);
        await using var tool = ChildProcess.Start(packages.Start(
            Path.Combine(console, "tools", "collab"), console, "graft", Run, "--after", "SRE", "--agent", "by-the-tool", "--user", "bob", "--server", address));
        Assert.Equal(0, await tool.Exited);
        await program.WaitForLineAsync(GraftLine("by-the-tool"));
        Assert.Equal(0, await program.Exited);
    }

    /// <summary>The steps that a package's page shows: what people copy is what is tested.</summary>
    private string Example(string id)
    {
        using var package = packages.OpenArchive(id);
        using var page = new StreamReader(package.GetEntry("README.md")!.Open());
        return CSharp().Match(page.ReadToEnd()).Groups["code"].Value;
    }

    private ChildProcess Start(string folder, string name)
    {
        var start = packages.Start("dotnet", folder, $"out/{name}.dll", "--urls", "http://127.0.0.1:0");
        start.Environment["ASPNETCORE_ENVIRONMENT"] = "Development";
        return ChildProcess.Start(start);
    }

    private const string ConsoleProgram =
        """
        using System.Net.Http.Json;
        using System.Text.Json;
        using Collab.Client;

        var (address, runId) = (new Uri(args[0]), Guid.Parse(args[1]));
        using var http = new HttpClient { BaseAddress = address };
        await using var client = new CollabClient(new CollabClientOptions
        {
            BaseAddress = address,
            Token = async stop => (await http.GetFromJsonAsync<JsonElement>("dev/token?user=ada", stop)).GetProperty("token").GetString()!,
        });
        await using var run = await client.ConnectAsync(runId);
        await run.GraftAsync("ARCHITECT", "security-scanner-v1");
        await foreach (var e in run.ReadEventsAsync())
        {
            Console.WriteLine($"{e.SequenceNumber} {e.EventType} {e.Data}");
            if (e.SequenceNumber == 2) break;
        }
        """;

    private static Regex GraftLine(string agent) => new($"GRAFT .*{Regex.Escape(agent)}", RegexOptions.None, TimeSpan.FromSeconds(5));

    [GeneratedRegex(@"Now listening on: (?<address>http://127\.0\.0\.1:\d+)", RegexOptions.None, matchTimeoutMilliseconds: 5000)]
    private static partial Regex ListeningLine();

    [GeneratedRegex("```csharp\n(?<code>.*?)```", RegexOptions.Singleline | RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 5000)]
    private static partial Regex CSharp();
}
