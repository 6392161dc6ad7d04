using Collab.AspNetCore.Handlers;
using Collab.AspNetCore.Store;
using Microsoft.Extensions.Time.Testing;
using Xunit;

namespace Collab.UnitTests.Handlers;

/// <summary>A server that cannot renew its lease stops before others may begin.</summary>
public sealed class HandlerLeaseTests : IDisposable
{
    private readonly FakeTimeProvider _time = new();
    private readonly LeaseStore _store;
    private readonly HandlerLease _lease;

    public HandlerLeaseTests()
    {
        _store = new(_time);
        _lease = new(_store, _time);
    }

    public void Dispose() => _lease.Dispose();

    [Fact]
    public async Task A_lease_that_is_renewed_goes_on()
    {
        await _lease.RenewAsync(CancellationToken.None);
        var term = _lease.Current!;

        for (var n = 0; n < 10; n++)
        {
            _time.Advance(TimeSpan.FromSeconds(5));
            await _lease.RenewAsync(CancellationToken.None);
        }

        Assert.False(term.Over.IsCancellationRequested);
        Assert.Same(term, _lease.Current);
    }

    [Fact]
    public async Task What_is_handled_is_cancelled_before_the_lease_ends_and_the_next_term_is_another_owner_s()
    {
        await _lease.RenewAsync(CancellationToken.None);
        var term = _lease.Current!;

        _time.Advance(IHandlerStore.Lease - TimeSpan.FromSeconds(1));

        Assert.True(term.Over.IsCancellationRequested);
        Assert.Null(_lease.Current);
        await _lease.RenewAsync(CancellationToken.None);
        Assert.NotEqual(term.Owner, _lease.Current!.Owner);
    }

    [Fact]
    public async Task An_answer_that_was_long_on_its_way_counts_from_its_question()
    {
        _store.AnswersAfter = TimeSpan.FromSeconds(7);
        await _lease.RenewAsync(CancellationToken.None);
        var term = _lease.Current!;

        _time.Advance(TimeSpan.FromSeconds(2));

        Assert.True(term.Over.IsCancellationRequested);
    }

    [Fact]
    public async Task An_answer_that_comes_too_late_begins_nothing()
    {
        _store.AnswersAfter = IHandlerStore.Lease;

        await _lease.RenewAsync(CancellationToken.None);

        Assert.Null(_lease.Current);
    }

    [Fact]
    public async Task A_server_that_leaves_gives_up_its_claims()
    {
        await _lease.RenewAsync(CancellationToken.None);
        var term = _lease.Current!;

        await _lease.LeaveAsync(CancellationToken.None);

        Assert.True(term.Over.IsCancellationRequested);
        Assert.Equal([term.Owner], _store.Left);
    }

    private sealed class LeaseStore(FakeTimeProvider time) : IHandlerStore
    {
        public TimeSpan AnswersAfter { get; set; }

        public List<Guid> Left { get; } = [];

        public ValueTask<bool> RenewAsync(Guid owner, CancellationToken cancellationToken)
        {
            time.Advance(AnswersAfter);
            return new(false);
        }

        public ValueTask LeaveAsync(Guid owner, CancellationToken cancellationToken)
        {
            Left.Add(owner);
            return ValueTask.CompletedTask;
        }

        public ValueTask RegisterAsync(string handler, bool onlyNew, CancellationToken cancellationToken) => throw new NotSupportedException();

        public ValueTask<HandlerClaim> ClaimAsync(string handler, Guid run, Guid owner, CancellationToken cancellationToken) => throw new NotSupportedException();

        public ValueTask<bool> MoveAsync(HandlerPlace place, Guid owner, bool release, CancellationToken cancellationToken) => throw new NotSupportedException();

        public ValueTask<bool> FailAsync(HandlerPlace place, Guid owner, int attempts, string error, TimeSpan? delay, CancellationToken cancellationToken) =>
            throw new NotSupportedException();

        public ValueTask<IReadOnlyList<Guid>> FindWorkAsync(string handler, int limit, CancellationToken cancellationToken) => throw new NotSupportedException();

        public ValueTask<IReadOnlyList<HandlerStanding>> GetStandingsAsync(CancellationToken cancellationToken) => throw new NotSupportedException();

        public ValueTask<IReadOnlyList<ParkedRunRow>> ListParkedAsync(string handler, int limit, CancellationToken cancellationToken) =>
            throw new NotSupportedException();

        public ValueTask<bool> UnparkAsync(string handler, Guid run, bool skip, CancellationToken cancellationToken) => throw new NotSupportedException();
    }
}
