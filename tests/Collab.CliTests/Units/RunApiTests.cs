using Collab.Cli;
using Collab.Cli.Read;
using Collab.Cli.Server;
using Collab.TestKit;
using Xunit;

namespace Collab.CliTests.Units;

public sealed class RunApiTests
{
    [Fact]
    public async Task The_time_limit_holds_for_the_token_too()
    {
        var tokens = new NoTokens();
        using var api = new RunApi(new Target(new Uri("http://127.0.0.1:1"), tokens, TimeSpan.FromMilliseconds(50)), Guid.NewGuid());

        await Assert.ThrowsAsync<NotInTimeException>(() => api.ReplayAsync(0, CancellationToken.None).WaitAsync(Patience.Default));

        Assert.True(tokens.WasGivenUp);
    }

    [Fact]
    public async Task Ctrl_C_while_a_token_is_asked_for_is_no_time_limit()
    {
        using var stop = new CancellationTokenSource();
        using var api = new RunApi(new Target(new Uri("http://127.0.0.1:1"), new NoTokens(), TimeSpan.FromHours(1)), Guid.NewGuid());
        var asking = api.StateAsync(null, stop.Token);

        await stop.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => asking.WaitAsync(Patience.Default));
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
