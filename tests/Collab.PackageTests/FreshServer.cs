using System.Text.RegularExpressions;
using Collab.TestKit;

namespace Collab.PackageTests;

/// <summary>The application that the page of Collab.AspNetCore shows, with the package from the feed, in Development.</summary>
public sealed partial class FreshServer : IAsyncDisposable
{
    private const string Name = "fresh-application";
    private readonly ChildProcess _process;

    private FreshServer(ChildProcess process, Uri pages) => (_process, Pages) = (process, pages);

    /// <summary>Where it listens.</summary>
    public Uri Address { get; private set; } = new("http://127.0.0.1");

    /// <summary>An origin whose pages it lets in; nothing listens there.</summary>
    public Uri Pages { get; }

    public static async Task<FreshServer> StartAsync(Packages packages)
    {
        var folder = await packages.BuildProjectAsync(
            Name,
            "Microsoft.NET.Sdk.Web",
            """<ItemGroup><PackageReference Include="Collab.AspNetCore" Version="$(CollabVersion)" /></ItemGroup>""",
            Example(packages));
        var pages = new Uri($"http://127.0.0.1:{FreePort.Next()}");
        var start = packages.Start("dotnet", folder, $"out/{Name}.dll", "--urls", "http://127.0.0.1:0");
        start.Environment["ASPNETCORE_ENVIRONMENT"] = "Development";
        start.Environment["Collab__Cors__Origins__0"] = pages.GetLeftPart(UriPartial.Authority);
        var server = new FreshServer(ChildProcess.Start(start), pages);
        server.Address = new Uri((await server._process.WaitForLineAsync(Listening())).Groups["address"].Value);
        return server;
    }

    public ValueTask DisposeAsync() => _process.DisposeAsync();

    /// <summary>The steps that the package's page shows: what people copy is what is tested.</summary>
    private static string Example(Packages packages)
    {
        using var package = packages.OpenArchive("Collab.AspNetCore");
        using var page = new StreamReader(package.GetEntry("README.md")!.Open());
        var code = CSharp().Match(page.ReadToEnd()).Groups["code"].Value;
        // One more line, where pages of other origins are let in.
        return code.Replace("app.MapCollab();", "app.UseCors();\napp.MapCollab();", StringComparison.Ordinal);
    }

    [GeneratedRegex(@"Now listening on: (?<address>http://127\.0\.0\.1:\d+)", RegexOptions.None, matchTimeoutMilliseconds: 5000)]
    private static partial Regex Listening();

    [GeneratedRegex("```csharp\n(?<code>.*?)```", RegexOptions.Singleline | RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 5000)]
    private static partial Regex CSharp();
}
