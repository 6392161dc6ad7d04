using System.Text.RegularExpressions;
using Xunit;

namespace Collab.OperationsTests.Files;

/// <summary>Everything that is released has one version.</summary>
public sealed partial class VersionTests
{
    private static readonly string Version = Tag().Match(OperationsFiles.Read("Directory.Build.props")).Groups["version"].Value;

    [Theory]
    [InlineData("docker-compose.yml", 3)]
    [InlineData("infra/kubernetes/migrate.yaml", 1)]
    [InlineData("infra/kubernetes/kustomization.yaml", 1)]
    [InlineData("src/web/client/package.json", 1)]
    [InlineData("src/web/angular/package.json", 1)]
    [InlineData("src/web/demo/package.json", 1)]
    public void Copies_of_it_are_the_same(string file, int times)
    {
        var copies = Copy().Matches(OperationsFiles.Read(file)).Select(m => m.Groups["version"].Value).ToArray();
        Assert.Equal(Enumerable.Repeat(Version, times), copies);
    }

    [GeneratedRegex("<Version>(?<version>[^<]+)</Version>", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Tag();

    [GeneratedRegex("""(collab-server:|newTag: |^  "version": ")(?<version>[\w.-]+)""", RegexOptions.ExplicitCapture | RegexOptions.Multiline, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Copy();
}
