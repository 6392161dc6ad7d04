using System.Diagnostics.Metrics;
using System.Text;
using Collab.AspNetCore;
using Collab.AspNetCore.Access;
using Collab.AspNetCore.Events;
using Collab.AspNetCore.FanOut;
using Collab.AspNetCore.Monitoring;
using Collab.AspNetCore.Store;
using Collab.Protocol;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;

namespace Collab.UnitTests.Kit;

/// <summary>Things to test with.</summary>
internal static class Some
{
    public static readonly Guid Run = Guid.Parse("550e8400-e29b-41d4-a716-446655440000");

    public static readonly Guid Epoch = Guid.Parse("11111111-1111-4111-8111-111111111111");

    public static readonly Guid OtherEpoch = Guid.Parse("22222222-2222-4222-8222-222222222222");

    public static LoggedEvent Event(long sequence, string type = "FLAG", string data = """{"stepId":"PM"}""", string userId = "alice") =>
        new(Run, sequence, type, userId, userName: null, 1_760_000_000_000, Guid.NewGuid(), Encoding.UTF8.GetBytes(data));

    public static LoggedEvent[] Events(int first, int last) => [.. Enumerable.Range(first, last - first + 1).Select(s => Event(s))];

    /// <summary>A run that nothing was written to.</summary>
    public static RunSnapshot Nothing => RunSnapshot.Empty(Epoch);

    /// <summary>A run that was erased.</summary>
    public static RunSnapshot Erased => RunSnapshot.Empty(OtherEpoch);

    /// <summary>What a store has of a log that reaches up to <paramref name="last"/>, read after a position.</summary>
    public static RunSnapshot Snapshot(int first, int last, Guid? epoch = null)
    {
        var state = new StateFold();
        var events = Events(first, last);
        foreach (var e in events) state.Apply(e);
        return new(epoch ?? Epoch, last, FoldedSequence: 0, state, events);
    }

    public static Append Append(Guid? messageId = null, Guid? runId = null) =>
        new(runId ?? Run, messageId ?? Guid.NewGuid(), "FLAG", "alice", UserName: null, """{"stepId":"PM"}"""u8.ToArray());

    /// <summary>Instruments of its own, which nobody else adds to.</summary>
    public static CollabMetrics Metrics() => new(MeterFactory());

    public static IMeterFactory MeterFactory() => new ServiceCollection().AddMetrics().BuildServiceProvider().GetRequiredService<IMeterFactory>();

    public static ConnectionMonitor Monitor(TimeProvider? time = null, CollabMetrics? metrics = null)
    {
        metrics ??= Metrics();
        return new(new(metrics), metrics, time ?? new ManualTime());
    }

    public static Caller Caller(string userId) =>
        AspNetCore.Access.Caller.From(new(new System.Security.Claims.ClaimsIdentity([new("sub", userId)])));

    public static Caller Agent(string userId) =>
        AspNetCore.Access.Caller.From(new(new System.Security.Claims.ClaimsIdentity([new("sub", userId), new("kind", "agent")])));

    /// <summary>An ephemeral event, as JSON.</summary>
    public static byte[] Ephemeral(string eventType, string userId, string data) => EventJson.Write(
        Run, sequence: null, eventType, userId, userName: null, timestamp: 0, Guid.NewGuid(), Encoding.UTF8.GetBytes(data), signature: null, out _);

    /// <summary>Feeds on a store.</summary>
    public static Feeds Feeds(IRunStore store, FeedHealer? healer = null, IOptions<CollabOptions>? options = null, TimeProvider? time = null)
    {
        (options, time) = (options ?? Options(), time ?? new ManualTime());
        healer ??= new(Metrics(), time, NullLogger<FeedHealer>.Instance);
        return new(store, new(options, time), healer, NoFeedNews.Instance, options, time, NullLogger<Feeds>.Instance);
    }

    /// <summary>The event types of an application: the built-in ones, those that it adds in code, and the configured ones.</summary>
    public static EventTypeTable Types(Action<CollabBuilder>? add = null, Action<CollabOptions>? configure = null)
    {
        var collab = new CollabBuilder(new ServiceCollection());
        BuiltInEvents.AddTo(collab);
        add?.Invoke(collab);
        return new(Options(configure), collab.Services.Select(s => s.ImplementationInstance).OfType<EventType>());
    }

    public static IOptions<CollabOptions> Options(Action<CollabOptions>? configure = null)
    {
        var options = new CollabOptions();
        configure?.Invoke(options);
        return Microsoft.Extensions.Options.Options.Create(options);
    }
}
