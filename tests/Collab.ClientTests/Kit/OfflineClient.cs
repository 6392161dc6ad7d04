using Collab.Client;
using Collab.TestKit;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace Collab.ClientTests.Kit;

/// <summary>A run connection whose server, clock, network and threads are the test's. It is not connected yet.</summary>
internal sealed class OfflineClient : IDisposable
{
    public static readonly Guid RunId = Guid.Parse("550e8400-e29b-41d4-a716-446655440000");

    private readonly HttpClient _http;
    private readonly ClientMetrics _metrics = new();

    public OfflineClient(Pump pump, SteppedTime? time = null, CollabClientOptions? options = null, ILogger? logger = null, bool hasToken = true)
    {
        (Pump, Time) = (pump, time ?? new SteppedTime(pump));
        _http = new HttpClient(Server) { Timeout = Timeout.InfiniteTimeSpan };
        options ??= new CollabClientOptions();
        options.BaseAddress ??= new Uri("https://collab.test");
        options.Backoff ??= attempt => TimeSpan.FromMilliseconds(100 * attempt);
        if (hasToken) options.Token ??= _ => ValueTask.FromResult(FakeTokens.Create("alice", null, 1));
        Connection = new RunConnection(RunId, CollabClientOptionsRules.Checked(options), new Surroundings
        {
            Time = Time,
            Logger = logger ?? NullLogger.Instance,
            Metrics = _metrics,
            Http = () => _http,
            Hub = Server.Hub,
            Network = Network,
            Outside = pump.Post,
            Random = () => 1,
        }, _ => { });
        Readers = new Strand(pump.Post, NullLogger.Instance);
    }

    public Pump Pump { get; }

    public SteppedTime Time { get; }

    public FakeServer Server { get; } = new();

    public FakeNetwork Network { get; } = new();

    public RunConnection Connection { get; }

    /// <summary>Where a test awaits the client's tasks, so that what it does with them happens in the pump too.</summary>
    public Strand Readers { get; }

    public void Do(Func<Task> work) => Readers.Post(() => Readers.Begin(work));

    /// <summary>Runs a test with a client, disposes it, and checks that nothing is left of it.</summary>
    public static void Run(Action<OfflineClient> test, CollabClientOptions? options = null, bool hasToken = true) => Pump.Run(() =>
    {
        using var client = new OfflineClient(new Pump(), options: options, hasToken: hasToken);
        test(client);
        client.End();
    });

    /// <summary>Disposes the connection and checks that nothing is left of it.</summary>
    public void End()
    {
        var disposing = Connection.DisposeAsync().AsTask();
        // What follows the last turn is on the pool.
        Xunit.Assert.True(SpinWait.SpinUntil(() => Settled(disposing), Patience.Default), "Disposing did not complete.");
        Xunit.Assert.Equal(0, Time.Running);
        Xunit.Assert.Equal(0, Connection.Core.Strand.UnderWay);
        Xunit.Assert.Equal(0, Readers.UnderWay);
        Xunit.Assert.Equal(0, Network.Watchers);
        Xunit.Assert.All(Server.Hubs, hub => Xunit.Assert.True(hub.IsDisposed));
    }

    public void Dispose()
    {
        _http.Dispose();
        Server.Dispose();
        _metrics.Dispose();
    }

    private bool Settled(Task task)
    {
        Pump.Settle();
        return task.IsCompleted && Readers.UnderWay == 0;
    }
}
