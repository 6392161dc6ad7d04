using System.Text.RegularExpressions;
using Collab.TestKit;

namespace Collab.PackageTests;

/// <summary>The application that the page of Collab.AspNetCore shows, with the package from the feed, in Development.</summary>
public sealed partial class FreshServer : IAsyncDisposable
{
    private readonly ChildProcess _process;

    private FreshServer(ChildProcess process, Uri pages) => (_process, Pages) = (process, pages);

    /// <summary>Where it listens.</summary>
    public Uri Address { get; private set; } = new("http://127.0.0.1");

    /// <summary>An origin whose pages it lets in; nothing listens there.</summary>
    public Uri Pages { get; }

    public static async Task<FreshServer> StartAsync(Packages packages)
    {
        using var package = packages.OpenArchive("Collab.AspNetCore");
        using var page = new StreamReader(package.GetEntry("README.md")!.Open());
        return await StartAsync(packages, "fresh-application", await page.ReadToEndAsync());
    }

    /// <summary>The application that another page shows.</summary>
    /// <param name="packages">Where the package comes from.</param>
    /// <param name="name">The project's.</param>
    /// <param name="page">Of its first C# the application is made: what people copy is what is tested.</param>
    public static async Task<FreshServer> StartAsync(Packages packages, string name, string page)
    {
        var folder = await packages.BuildProjectAsync(
            name,
            "Microsoft.NET.Sdk.Web",
            """<ItemGroup><PackageReference Include="Collab.AspNetCore" Version="$(CollabVersion)" /></ItemGroup>""",
            Example(page));
        var pages = new Uri($"http://127.0.0.1:{FreePort.Next()}");
        var start = packages.Start("dotnet", folder, $"out/{name}.dll", "--urls", "http://127.0.0.1:0");
        start.Environment["ASPNETCORE_ENVIRONMENT"] = "Development";
        start.Environment["Collab__Cors__Origins__0"] = pages.GetLeftPart(UriPartial.Authority);
        var server = new FreshServer(ChildProcess.Start(start), pages);
        server.Address = new Uri((await server._process.WaitForLineAsync(Listening())).Groups["address"].Value);
        return server;
    }

    public ValueTask DisposeAsync() => _process.DisposeAsync();

    /// <summary>One more line than the page has, where pages of other origins are let in.</summary>
    private static string Example(string page) =>
        CSharp().Match(page).Groups["code"].Value.Replace("app.MapCollab();", "app.UseCors();\napp.MapCollab();", StringComparison.Ordinal);

    [GeneratedRegex(@"Now listening on: (?<address>http://127\.0\.0\.1:\d+)", RegexOptions.None, matchTimeoutMilliseconds: 5000)]
    private static partial Regex Listening();

    [GeneratedRegex("```csharp\n(?<code>.*?)```", RegexOptions.Singleline | RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 5000)]
    private static partial Regex CSharp();
}
