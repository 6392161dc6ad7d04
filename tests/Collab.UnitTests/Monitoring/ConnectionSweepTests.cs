using System.Collections.Concurrent;
using System.Security.Claims;
using Collab.AspNetCore;
using Collab.AspNetCore.Access;
using Collab.AspNetCore.Monitoring;
using Collab.AspNetCore.Refusals;
using Collab.Protocol;
using Collab.TestKit;
using Collab.UnitTests.Kit;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Xunit;

namespace Collab.UnitTests.Monitoring;

/// <summary>Who has lost the right to read is ended within half a minute; a rule that fails takes nobody's right, for some minutes.</summary>
public sealed class ConnectionSweepTests : IDisposable
{
    private readonly ManualTime _time = new();
    private readonly Rule _rule = new();
    private readonly Log _log = new();
    private readonly ServiceProvider _services;
    private readonly RunRights _rights;
    private readonly ConnectionMonitor _monitor;
    private readonly ConnectionSweep _sweep;

    public ConnectionSweepTests()
    {
        _services = new ServiceCollection().AddSingleton<IRunAuthorizer>(_rule).BuildServiceProvider();
        _rights = new(_services.GetRequiredService<IServiceScopeFactory>(), _log);
        _monitor = Some.Monitor(_time);
        _sweep = new(_monitor, _time, _log);
    }

    public void Dispose()
    {
        _sweep.Dispose();
        _services.Dispose();
    }

    [Fact]
    public async Task A_right_is_asked_for_again_before_half_a_minute_is_over()
    {
        var record = Follow("alice", Some.Run);
        _time.Advance(ConnectionSweep.AskAgainAfter - TimeSpan.FromSeconds(1));
        await _sweep.AskAgainAsync(CancellationToken.None);
        Assert.Empty(_rule.Asked);

        _time.Advance(TimeSpan.FromSeconds(1));
        await _sweep.AskAgainAsync(CancellationToken.None);
        await _sweep.AskAgainAsync(CancellationToken.None);

        Assert.Equal([Some.Run], _rule.Asked);
        Assert.Null(record.Ending);
        Assert.InRange(ConnectionSweep.AskAgainAfter + ConnectionSweep.AnswerWithin, TimeSpan.Zero, TimeSpan.FromSeconds(29));
    }

    [Fact]
    public async Task Who_has_lost_the_only_run_is_told_so_and_may_not_come_back()
    {
        var (alice, bob) = (Follow("alice", Some.Run), Follow("bob", Guid.NewGuid()));
        _rule.Answers[Some.Run] = RunAccess.None;

        await AskAgainAsync();

        Assert.Equal((EndingCode.Revoked, false), (alice.Ending!.Code, alice.Ending.AllowReconnect));
        Assert.Null(bob.Ending);
    }

    [Fact]
    public async Task Who_is_in_another_run_may_come_back_for_it()
    {
        var record = Follow("alice", Some.Run, Guid.NewGuid());
        _rule.Answers[Some.Run] = RunAccess.None;

        await AskAgainAsync();

        Assert.Equal((EndingCode.Revoked, true), (record.Ending!.Code, record.Ending.AllowReconnect));
    }

    [Fact]
    public async Task A_rule_that_fails_keeps_what_was_for_some_minutes_and_is_not_asked_all_the_time()
    {
        var record = Follow("alice", Some.Run);
        _rule.Answers[Some.Run] = null;

        for (var passed = TimeSpan.Zero; passed < ConnectionSweep.TrustOldAnswerFor; passed += TimeSpan.FromSeconds(1))
        {
            Assert.Null(record.Ending);
            _time.Advance(TimeSpan.FromSeconds(1));
            await _sweep.AskAgainAsync(CancellationToken.None);
        }
        Assert.InRange(_rule.Asked.Count, 2, 16);

        await AskAgainAsync();
        Assert.Equal((EndingCode.Revoked, true), (record.Ending!.Code, record.Ending.AllowReconnect));
    }

    [Fact]
    public async Task A_rule_that_answers_again_in_time_ends_nothing()
    {
        var record = Follow("alice", Some.Run);
        _rule.Answers[Some.Run] = null;
        await AskAgainAsync();
        _rule.Answers[Some.Run] = RunAccess.Read;

        for (var i = 0; i < 30; i++) await AskAgainAsync();

        Assert.Null(record.Ending);
    }

    [Fact]
    public async Task A_rule_that_fails_is_logged_once_for_each_pass_with_the_number_of_failures()
    {
        for (var i = 0; i < 5; i++) Follow($"user-{i}", Some.Run);
        _rule.Answers[Some.Run] = null;

        await AskAgainAsync();

        Assert.Equal("Error: Rights to read could not be looked up again, 5 of them. The connections go on as before, for some minutes.", Assert.Single(_log.Lines));
    }

    [Fact]
    public async Task A_rule_that_fails_a_caller_is_logged_and_the_caller_told_to_try_again()
    {
        _rule.Answers[Some.Run] = null;

        var refused = await Assert.ThrowsAsync<RefusedException>(() => _rights.GetAccessAsync(new(), Some.Run, CancellationToken.None).AsTask());

        Assert.Equal(CollabErrorCode.Unavailable, refused.Code);
        Assert.StartsWith("Error: ", Assert.Single(_log.Lines), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Few_questions_are_put_to_the_rule_at_once()
    {
        for (var i = 0; i < 100; i++) Follow($"user-{i}", Some.Run);
        _rule.Gate = new(TaskCreationOptions.RunContinuationsAsynchronously);
        _time.Advance(ConnectionSweep.AskAgainAfter);

        var pass = _sweep.AskAgainAsync(CancellationToken.None);
        await Eventually.TrueAsync(() => Task.FromResult(_rule.Asked.Count == ConnectionSweep.QuestionsAtOnce));
        _rule.Gate.SetResult();
        await pass.WaitAsync(Patience.Default);

        Assert.Equal(100, _rule.Asked.Count);
        Assert.InRange(_rule.MostAtOnce, 1, ConnectionSweep.QuestionsAtOnce);
    }

    [Fact]
    public async Task A_connection_ends_when_its_newest_token_does()
    {
        var record = Follow("alice", Some.Run);
        var expiresAt = _time.GetUtcNow().AddSeconds(10);
        record.ExpiresAt = () => expiresAt;
        _time.Advance(TimeSpan.FromSeconds(9));
        await _sweep.ExpireAsync(CancellationToken.None);
        Assert.Null(record.Ending);
        expiresAt = expiresAt.AddSeconds(5);
        _time.Advance(TimeSpan.FromSeconds(1));
        await _sweep.ExpireAsync(CancellationToken.None);
        Assert.Null(record.Ending);

        _time.Advance(TimeSpan.FromSeconds(5));
        await _sweep.ExpireAsync(CancellationToken.None);

        Assert.Equal(Ending.Expired, record.Ending);
    }

    [Fact]
    public async Task A_right_is_asked_for_again_in_time_whatever_the_time_of_day_is()
    {
        Follow("alice", Some.Run);
        _time.SetWallClockBack(TimeSpan.FromHours(1));

        await AskAgainAsync();

        Assert.Equal([Some.Run], _rule.Asked);
    }

    private async Task AskAgainAsync()
    {
        _time.Advance(ConnectionSweep.AskAgainAfter);
        await _sweep.AskAgainAsync(CancellationToken.None);
    }

    private ConnectionRecord Follow(string userId, params Guid[] runs)
    {
        var record = _monitor.NewRecord($"session-{userId}", clientId: null);
        record.Rights = new(_rights, () => new(), _time, CancellationToken.None);
        foreach (var run in runs) record.Rights.Keep(run, RunAccess.Read);
        record.Runs = runs;
        _monitor.Opened(record, userId);
        return record;
    }

    private sealed class Log : ILogger<RunRights>, ILogger<ConnectionSweep>
    {
        public ConcurrentQueue<string> Lines { get; } = new();

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        void ILogger.Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
            Lines.Enqueue($"{logLevel}: {formatter(state, exception)}");
    }

    /// <summary>Null: it fails. Where nothing is said, everybody may read.</summary>
    private sealed class Rule : IRunAuthorizer
    {
        private int _atOnce;

        public ConcurrentDictionary<Guid, RunAccess?> Answers { get; } = new();

        public ConcurrentQueue<Guid> Asked { get; } = new();

        public TaskCompletionSource? Gate { get; set; }

        public int MostAtOnce { get; private set; }

        public async ValueTask<RunAccess> GetAccessAsync(ClaimsPrincipal user, Guid runId, CancellationToken cancellationToken)
        {
            lock (Asked) MostAtOnce = Math.Max(MostAtOnce, ++_atOnce);
            Asked.Enqueue(runId);
            if (Gate is { } gate) await gate.Task.WaitAsync(cancellationToken);
            lock (Asked) _atOnce--;
            return Answers.GetValueOrDefault(runId, RunAccess.Read) ?? throw new InvalidOperationException("The rule's database is away.");
        }
    }
}
