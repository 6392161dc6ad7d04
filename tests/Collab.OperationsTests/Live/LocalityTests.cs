using System.Text.RegularExpressions;
using Collab.TestKit;
using Xunit;

namespace Collab.OperationsTests.Live;

/// <summary>By <c>infra/proxy/locality.conf</c> nginx sends all that is about a run to one server, and runs to different ones.</summary>
public sealed partial class LocalityTests(PostgresFixture postgres) : IClassFixture<PostgresFixture>
{
    private const int Runs = 16;

    [Fact]
    public async Task All_requests_of_a_run_go_to_one_server_and_the_runs_are_shared_out()
    {
        var settings = ServerSettings.ForPostgres(await postgres.CreateDatabaseAsync());
        await using var one = await ServerProcess.StartAsync(settings);
        await using var two = await ServerProcess.StartAsync(settings);
        await using var nginx = await NginxCluster.StartAsync([one.BaseAddress, two.BaseAddress], ByRun);
        var runs = Enumerable.Range(0, Runs).Select(_ => Guid.NewGuid()).ToList();

        foreach (var run in runs)
        {
            using var api = new ApiClient(nginx.Address, TestTokens.Create("bob"));
            await using (var first = await HubClient.ConnectAsync(nginx.Address, TestTokens.Create("alice"), runId: run))
            await using (var second = await HubClient.ConnectAsync(nginx.Address, TestTokens.Create("bob"), runId: run))
            {
                await first.JoinAsync(run);
                await second.JoinAsync(run);
                await first.GraftAsync(run);
                Assert.Single((await api.PollAsync(run, 0)).Value.Events);
                Assert.Equal(1, (await api.StateAsync(run)).Value.AsOfSequence);
            }
        }

        // A connection is in the log when it has ended.
        await Eventually.TrueAsync(() => Places(nginx).Count() == runs.Count * 4);
        var places = Places(nginx).ToLookup(p => p.Run, p => p.Server);
        Assert.All(runs, run => Assert.Single(places[run].Distinct()));
        Assert.Equal(2, places.Select(p => p.First()).Distinct().Count());
    }

    /// <summary>The block in place of the other one, for two servers, and a log that says where what is about a run went.</summary>
    private static string ByRun(string configuration)
    {
        var block = OperationsFiles.Read("infra/proxy/locality.conf");
        block = Nginx.Replace(block, "    server server-3:8080 resolve max_fails=3 fail_timeout=5s;\n", "");
        var begin = configuration.IndexOf("    upstream collab {", StringComparison.Ordinal);
        var end = configuration.IndexOf("    }\n", begin, StringComparison.Ordinal) + "    }\n".Length;
        return Nginx.Replace(configuration[..begin] + block + configuration[end..], "$upstream_addr'", "$upstream_addr run=$collab_run'");
    }

    private static IEnumerable<(Guid Run, string Server)> Places(NginxCluster nginx) =>
        Place().Matches(nginx.AccessLog).Select(m => (Guid.Parse(m.Groups["run"].Value), m.Groups["server"].Value));

    [GeneratedRegex(
        @" (?<server>127\.0\.0\.1:\d+) run=(?<run>[0-9a-f-]{36})$", RegexOptions.ExplicitCapture | RegexOptions.Multiline, 1000)]
    private static partial Regex Place();
}
