using System.Text.RegularExpressions;
using Xunit;

namespace Collab.OperationsTests.Files;

/// <summary>The image is small, the same each time, and runs without rights.</summary>
public sealed partial class DockerfileTests
{
    private static readonly string[] Lines =
        [.. OperationsFiles.Read("infra/docker/Dockerfile").Replace("\\\n", " ", StringComparison.Ordinal).Split('\n').Where(line => line.Length > 0 && line[0] != '#')];

    /// <summary>What ends up in the image that runs.</summary>
    private static readonly string[] LastStage = Lines[Array.FindLastIndex(Lines, line => line.StartsWith("FROM ", StringComparison.Ordinal))..];

    [Fact]
    public void Base_images_are_one_version()
    {
        var images = Lines.Where(l => l.StartsWith("FROM ", StringComparison.Ordinal)).Select(l => l.Split(' ')[1]).ToArray();
        Assert.Equal(3, images.Length);
        Assert.All(images, image => Assert.Matches(Pinned(), image));
    }

    [Fact]
    public void The_last_stage_has_no_shell_so_nothing_in_it_needs_one()
    {
        Assert.Contains("-chiseled", LastStage[0], StringComparison.Ordinal);
        Assert.DoesNotContain(LastStage, line => line.StartsWith("RUN ", StringComparison.Ordinal));
        Assert.Matches(@"^ENTRYPOINT \[""dotnet"", ""/app/Collab\.Server\.dll""\]$", LastStage.Single(l => l.StartsWith("ENTRYPOINT", StringComparison.Ordinal)));
        Assert.Matches(@"CMD \[""dotnet"", ""/app/Collab\.Server\.dll"", ""healthcheck""\]$", LastStage.Single(l => l.StartsWith("HEALTHCHECK", StringComparison.Ordinal)));
    }

    [Fact]
    public void It_runs_as_an_ordinary_user_and_lets_no_debugger_in()
    {
        Assert.Matches(@"^USER [1-9]\d*:[1-9]\d*$", LastStage.Single(l => l.StartsWith("USER ", StringComparison.Ordinal)));
        Assert.Contains(LastStage, line => line.Contains("DOTNET_EnableDiagnostics=0", StringComparison.Ordinal));
    }

    [Fact]
    public void What_it_copies_is_there_and_not_kept_from_the_builder()
    {
        var ignored = OperationsFiles.Read(".dockerignore").Split('\n');
        Assert.Contains("*", ignored);
        var sources = Lines.Where(l => l.StartsWith("COPY ", StringComparison.Ordinal) && !l.Contains("--from=", StringComparison.Ordinal))
            .SelectMany(l => l.Split(' ')[1..^1]).Select(source => source.TrimEnd('/')).ToArray();
        Assert.NotEmpty(sources);
        Assert.All(sources, source =>
        {
            Assert.True(Path.Exists(OperationsFiles.PathOf(source)), source);
            Assert.Contains($"!{source}", ignored);
        });
    }

    [Fact]
    public void What_the_build_reads_at_the_root_is_copied()
    {
        var read = Directory.EnumerateFiles(OperationsFiles.PathOf("."), "Directory.*").Select(Path.GetFileName).Append("global.json").Append(".editorconfig");
        var copied = Lines.Single(l => l.StartsWith("COPY .editorconfig ", StringComparison.Ordinal)).Split(' ');
        Assert.All(read, file => Assert.Contains(file, copied));
    }

    [GeneratedRegex(@"^[\w./-]+:\d+\.\d+\.\d+-[\w-]+$", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Pinned();
}
