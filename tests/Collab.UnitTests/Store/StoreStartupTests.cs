using Collab.AspNetCore.Store;
using Collab.TestKit;
using Collab.UnitTests.Kit;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Npgsql;
using Xunit;

namespace Collab.UnitTests.Store;

/// <summary>A server waits for its store as long as it takes, and says so once; a command has an end.</summary>
public sealed class StoreStartupTests
{
    private readonly ManualTime _time = new() { SkipsWaits = true };
    private readonly Messages _log = new();

    [Fact]
    public async Task A_store_that_answers_late_is_waited_for_and_that_is_said_once()
    {
        var store = new LateStore(answersAfter: 300);

        await Startup(store).StartAsync(CancellationToken.None).WaitAsync(Patience.Default);

        Assert.Equal(301, store.Tries);
        Assert.Single(_log.All, m => m.StartsWith("Warning", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_command_gives_up_with_a_sentence_that_names_the_key()
    {
        var store = new LateStore(answersAfter: 300);

        var failure = await Assert.ThrowsAsync<OptionsValidationException>(() => Startup(store).MigrateAsync(CancellationToken.None).WaitAsync(Patience.Default));

        Assert.Equal("Collab:Store: the store cannot be used: no answer.", Assert.Single(failure.Failures));
        Assert.InRange(store.Tries, 2, 299);
    }

    [Fact]
    public async Task Only_the_first_start_does_anything()
    {
        var store = new LateStore(answersAfter: 0);
        var startup = Startup(store);

        await startup.StartAsync(CancellationToken.None);
        await startup.StartAsync(CancellationToken.None);

        Assert.Equal(1, store.Tries);
    }

    private StoreStartup Startup(IRunStore store) => new(store, Some.Options(), _time, _log);

    private sealed class LateStore(int answersAfter) : EmptyStore
    {
        public int Tries { get; private set; }

        public override Task MigrateAsync(CancellationToken cancellationToken) =>
            Tries++ < answersAfter ? throw new InvalidOperationException("wrapped", new NpgsqlException("no answer.", new TimeoutException())) : Task.CompletedTask;
    }

    private sealed class Messages : ILogger<StoreStartup>
    {
        public List<string> All { get; } = [];

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
            All.Add($"{logLevel}: {formatter(state, exception)}");
    }
}
