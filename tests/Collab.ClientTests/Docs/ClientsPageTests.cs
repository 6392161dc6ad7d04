using System.Security.Claims;
using System.Text.RegularExpressions;
using Collab.Client;
using Collab.ClientTests.RealServer;
using Collab.TestKit;
using Microsoft.AspNetCore.Components.Authorization;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;
using Xunit;

namespace Collab.ClientTests.Docs;

/// <summary>What docs/clients.md shows of the .NET client compiles, and works.</summary>
public sealed partial class ClientsPageTests(LiveServer server) : IClassFixture<LiveServer>
{
    [Fact]
    public void Each_snippet_of_the_page_is_compiled()
    {
        var (compiled, shown) = (Compiled(), Shown("docs", "clients.md"));

        Assert.Equal(compiled.Length, shown.Length);
        Assert.All(shown, snippet => Assert.Contains(snippet, compiled));
    }

    [Fact]
    public async Task The_first_snippet_works() =>
        await Snippets.FollowAndSteerAsync(server.Address, _ => ValueTask.FromResult(TestTokens.Create("reader")), Guid.NewGuid(), CancellationToken.None);

    [Fact]
    public void The_setup_is_valid()
    {
        var builder = Host.CreateEmptyApplicationBuilder(null);
        Snippets.Setup(builder);
        using var host = builder.Build();

        host.Services.GetRequiredService<IStartupValidator>().Validate();
    }

    [Fact]
    public async Task With_the_setup_for_Blazor_each_circuit_acts_as_its_own_user()
    {
        var builder = Host.CreateEmptyApplicationBuilder(null);
        builder.Services.AddSingleton<Snippets.TokenIssuer>();
        builder.Services.AddScoped<AuthenticationStateProvider, SignIn>();
        Snippets.SetupBlazor(builder);
        builder.Services.AddOptions<CollabClientOptions>().Configure(options => options.BaseAddress = server.Address);
        using var host = builder.Build();
        await host.StartAsync();
        var runId = Guid.NewGuid();

        await Task.WhenAll(JoinAsync("ana"), JoinAsync("ben"));

        async Task JoinAsync(string user)
        {
            await using var circuit = host.Services.CreateAsyncScope();
            ((SignIn)circuit.ServiceProvider.GetRequiredService<AuthenticationStateProvider>()).User = user;
            await using var run = await circuit.ServiceProvider.GetRequiredService<CollabClient>().ConnectAsync(runId).WaitAsync(Patience.Default);
            Assert.Equal(user, run.Snapshot.UserId);
            await run.FlagAsync("PM", user).WaitAsync(Patience.Default);
            var mine = await run.WaitForAsync(now => now.Events.Any(e => e.Data.GetProperty("note").GetString() == user)).WaitAsync(Patience.Default);
            Assert.All(mine.Events, e => Assert.Equal(e.Data.GetProperty("note").GetString(), e.UserId));
        }
    }

    private static string[] Compiled() =>
    [
        .. Marked().Matches(File.ReadAllText(Path.Combine(Repository.Root, "tests", "Collab.ClientTests", "Docs", "Snippets.cs")))
            .GroupBy(match => match.Groups["name"].Value, match => match.Groups["code"].Value)
            .Select(parts => Dedent(string.Concat(parts))),
    ];

    private static string[] Shown(params string[] page) =>
        [.. Fenced().Matches(File.ReadAllText(Path.Combine([Repository.Root, .. page]))).Select(match => match.Groups["code"].Value.TrimEnd())];

    private static string Dedent(string code)
    {
        var lines = code.Split('\n');
        var indent = lines.Where(line => line.Trim().Length > 0).Min(line => line.Length - line.TrimStart().Length);
        return string.Join('\n', lines.Select(line => line.Length < indent ? "" : line[indent..])).Trim('\n');
    }

    [GeneratedRegex(@"// <(?<name>\w+)>\n(?<code>.*?)[ ]*// </\k<name>>", RegexOptions.Singleline | RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Marked();

    [GeneratedRegex(@"```csharp\n(?<code>.*?)```", RegexOptions.Singleline | RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Fenced();

    private sealed class SignIn : AuthenticationStateProvider
    {
        public string User { get; set; } = "";

        public override Task<AuthenticationState> GetAuthenticationStateAsync() =>
            Task.FromResult(new AuthenticationState(new ClaimsPrincipal(new ClaimsIdentity([new(ClaimTypes.Name, User)], "test"))));
    }
}
