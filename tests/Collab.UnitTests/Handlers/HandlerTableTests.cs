using Collab.AspNetCore;
using Collab.AspNetCore.Handlers;
using Collab.Protocol;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Xunit;

namespace Collab.UnitTests.Handlers;

/// <summary>A handler that could never be called as it was meant stops the start, with a sentence that names it.</summary>
public sealed class HandlerTableTests
{
    [Fact]
    public void A_handler_gets_the_events_of_its_types_and_no_others()
    {
        var table = Table(collab => collab.AddHandler<OfGrafts>().AddHandler<OfAll>().AddHandler<OfAll>("flags", o => o.EventTypes.Add("FLAG")));

        Assert.Equal(["OfGrafts", "OfAll", "flags"], table.All.Select(h => h.Name));
        Assert.Equal([true, true, false], table.All.Select(h => h.Handles("GRAFT")));
        Assert.Equal([false, true, true], table.All.Select(h => h.Handles("FLAG")));
    }

    [Fact]
    public void What_can_never_be_handled_is_said_at_the_start()
    {
        AssertWrong("AddEvent<Note>(name) is missing", c => c.AddHandler<OfNotes>());
        AssertWrong("ephemeral", c => c.AddEphemeralEvent<Note>("NOTE").AddHandler<OfNotes>());
        AssertWrong("there is no such event type", c => c.AddHandler<OfAll>("all", o => o.EventTypes.Add("NONE")));
        AssertWrong("ephemeral", c => c.AddHandler<OfAll>("all", o => o.EventTypes.Add("CURSOR_MOVE")));
        AssertWrong("implements neither", c => c.AddHandler<OfNothing>());
        AssertWrong("registered twice", c => c.AddHandler<OfAll>().AddHandler<OfAll>());
        AssertWrong("1 to 128", c => c.AddHandler<OfAll>(new string('x', 129)));
        AssertWrong("Attempts", c => c.AddHandler<OfAll>("all", o => o.Attempts = 0));
    }

    [Fact]
    public void The_wait_doubles_up_to_the_longest_give_or_take_a_quarter()
    {
        var options = new HandlerOptions { FirstDelay = TimeSpan.FromSeconds(1), LongestDelay = TimeSpan.FromSeconds(30) };

        Assert.All([(1, 1), (2, 2), (3, 4), (6, 30), (1000, 30)], expected =>
            Assert.InRange(HandlerRunner.DelayAfter(expected.Item1, options).TotalSeconds, expected.Item2 * 0.75, expected.Item2 * 1.25));
    }

    private static void AssertWrong(string sentence, Action<CollabBuilder> add) =>
        Assert.Contains(sentence, Assert.Throws<InvalidOperationException>(() => Table(add)).Message, StringComparison.Ordinal);

    private static HandlerTable Table(Action<CollabBuilder> add)
    {
        var services = new ServiceCollection();
        services.AddSingleton<IConfiguration>(new ConfigurationBuilder().Build());
        add(services.AddLogging().AddCollab());
        using var provider = services.BuildServiceProvider();
        return provider.GetRequiredService<HandlerTable>();
    }

    private sealed record Note(string Text);

    private sealed class OfNothing;

    private sealed class OfGrafts : IEventHandler<Graft>
    {
        public Task HandleAsync(Graft data, CollaborationEvent e, CancellationToken cancellationToken) => Task.CompletedTask;
    }

    private sealed class OfNotes : IEventHandler<Note>
    {
        public Task HandleAsync(Note data, CollaborationEvent e, CancellationToken cancellationToken) => Task.CompletedTask;
    }

    private sealed class OfAll : IRunHandler
    {
        public Task HandleAsync(CollaborationEvent e, CancellationToken cancellationToken) => Task.CompletedTask;
    }
}
