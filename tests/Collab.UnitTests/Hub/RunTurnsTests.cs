using Collab.AspNetCore.Hub;
using Xunit;

namespace Collab.UnitTests.Hub;

/// <summary>Calls of one connection about one run take effect in the order sent; about different runs none waits for another.</summary>
public sealed class RunTurnsTests
{
    private static readonly Guid Run = Guid.NewGuid();
    private readonly RunTurns _turns = new();
    private readonly List<string> _effects = [];

    [Fact]
    public async Task A_call_begins_when_the_one_before_it_has_taken_effect()
    {
        var (joining, leaving) = (new TaskCompletionSource(), new TaskCompletionSource());
        var join = Take("join", joining.Task);
        var move = Take("move", Task.CompletedTask);
        var leave = Take("leave", leaving.Task);

        Assert.False(_turns.IsFree(Run));
        Assert.Empty(_effects);
        joining.SetResult();
        await Task.WhenAll(join, move);
        Assert.Equal(["join", "move"], _effects);
        leaving.SetResult();
        await leave;
        Assert.Equal(["join", "move", "leave"], _effects);
        Assert.True(_turns.IsFree(Run));
    }

    [Fact]
    public async Task A_call_that_fails_keeps_nobody_waiting()
    {
        var joining = new TaskCompletionSource();
        var join = Take("join", joining.Task);
        var leave = Take("leave", Task.CompletedTask);

        joining.SetException(new InvalidOperationException());

        await Assert.ThrowsAsync<InvalidOperationException>(() => join);
        await leave;
        Assert.Equal(["leave"], _effects);
        Assert.True(_turns.IsFree(Run));
    }

    [Fact]
    public void A_call_about_another_run_and_one_with_nothing_before_it_begin_at_once()
    {
        var never = new TaskCompletionSource();
        _ = Take("join", never.Task);

        Assert.True(_turns.IsFree(Guid.NewGuid()));
        Assert.True(Take("other", Task.CompletedTask, Guid.NewGuid()).IsCompletedSuccessfully);
        Assert.Equal(["other"], _effects);
    }

    private Task<bool> Take(string name, Task wait, Guid? run = null) => _turns.TakeAsync(run ?? Run, async () =>
    {
        await wait;
        _effects.Add(name);
        return true;
    });
}
