using Collab.Cli;
using Collab.Cli.Server;
using Collab.TestKit;
using Xunit;

namespace Collab.CliTests.Units;

public sealed class TargetTests
{
    [Fact]
    public async Task The_time_limit_holds_for_the_token_too()
    {
        var tokens = new NoTokens();
        var target = new Target(new Uri("http://127.0.0.1:1"), tokens, TimeSpan.FromMilliseconds(50));

        await Assert.ThrowsAsync<NotInTimeException>(() => AskAsync(target, CancellationToken.None));

        Assert.True(tokens.WasGivenUp);
    }

    [Fact]
    public async Task Ctrl_C_while_a_token_is_asked_for_is_no_time_limit()
    {
        using var stop = new CancellationTokenSource();
        var target = new Target(new Uri("http://127.0.0.1:1"), new NoTokens(), TimeSpan.FromHours(1));
        var asking = AskAsync(target, stop.Token);

        await stop.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => asking);
    }

    private static async Task AskAsync(Target target, CancellationToken stop)
    {
        await using var client = target.NewClient();
        var asking = target.AskAsync(client, (server, end) => server.GetStateAsync(Guid.NewGuid(), cancellationToken: end), stop);
        await asking.WaitAsync(Patience.Default, CancellationToken.None);
    }

    /// <summary>They never come.</summary>
    private sealed class NoTokens : ITokens
    {
        public bool WasGivenUp { get; private set; }

        public bool CanBeAnybody => false;

        public string Advice => "";

        public async ValueTask<string> GetAsync(int? number, CancellationToken stop)
        {
            try
            {
                await Task.Delay(Timeout.Infinite, stop);
                return "";
            }
            finally
            {
                WasGivenUp = true;
            }
        }
    }
}
