using System.Net;
using Collab.AspNetCore;
using Collab.Hostile.Inputs;
using Collab.Protocol;
using Collab.TestKit;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Collab.Hostile.Kinds;

/// <summary>
/// Messages between servers. Where they share no key the bus is trusted with what a server may say of a run, so these speak of a run of their
/// own, and in the name of servers that are none. With a key they may say what they like: nothing of it counts.
/// </summary>
internal sealed class BusKind(bool hasKey) : Kind
{
    private const int AtOnce = 1000;

    private static readonly Guid HostileRun = Guid.Parse("aaaaaaaa-0000-4000-8000-00000000f00d");

    /// <summary>Stands for the run's epoch in the corpus.</summary>
    private static readonly Guid SomeEpoch = Guid.Parse("eeeeeeee-0000-4000-8000-00000000f00d");

    private PostgresServer? _postgres;
    private Wire? _wire;
    private Application? _first, _second;
    private Innocent? _innocent;
    private HubClient? _follower;
    private IReadOnlyList<byte[]> _corpus = [];

    public override string Name => hasKey ? "bus-with-key" : "bus";

    protected override int BatchSize => AtOnce;

    /// <summary>What two servers tell each other while users come, publish, and go.</summary>
    public static async Task<IReadOnlyList<byte[]>> RecordAsync()
    {
        await using var kind = new BusKind(hasKey: false);
        await kind.StartServersAsync();
        await using var second = await HubClient.ConnectAsync(kind._second!.Address, TestTokens.Create("second"));
        await second.JoinAsync(HostileRun);
        await using var first = await HubClient.ConnectAsync(kind._first!.Address, TestTokens.Create("first"));
        var epoch = (await first.JoinAsync(HostileRun)).Epoch;
        await first.GraftAsync(HostileRun);
        await first.MoveCursorAsync(HostileRun, "PM");
        await second.PublishAsync(HostileRun, EventTypes.Flag, new { stepId = "PM" });
        await first.SeenAsync(HostileRun, 2);
        await second.SeenAsync(HostileRun, 1);
        using var admin = new ApiClient(kind._first.Address, TestTokens.Create("admin", admin: true));
        await admin.GetAsync("api/admin/websocket/connections");
        await admin.GetAsync("api/admin/servers");
        await admin.SendAsync(HttpMethod.Delete, "api/admin/websocket/users/nobody-of-this-name");
        await admin.EraseAsync(Guid.NewGuid());
        await admin.SendAsync(HttpMethod.Post, "api/runs", new { from = HostileRun, atSequence = 1 });
        await first.InvokeAsync("Publish", HostileRun, "RUN_END", new { outcome = "done" }, null);
        await first.InvokeAsync("LeaveRun", HostileRun);
        await Task.Delay(3_000);
        await kind._second.DisposeAsync();
        kind._second = null;
        return
        [
            .. kind._wire!.Messages
                .GroupBy(m => m[1]).SelectMany(g => g.DistinctBy(m => m.Length).Take(4))
                .Select(m => Replace(m, epoch, SomeEpoch)),
        ];
    }

    public override async Task StartAsync()
    {
        await StartServersAsync();
        _wire!.Messages.Clear();
        // With a key what is told is of no consequence, and may be about anything.
        var run = hasKey ? HostileRun : Guid.NewGuid();
        _innocent = await Innocent.StartAsync(_first!.Address, _second!.Address, run);
        _follower = await HubClient.ConnectAsync(_first.Address, TestTokens.Create(hasKey ? "bystander" : "mallory"));
        if (!hasKey) await _follower.GraftAsync(HostileRun);
        var epoch = (await _follower.JoinAsync(HostileRun)).Epoch;
        _corpus = [.. Corpus.Bytes("bus.hex").Select(m => Replace(m, SomeEpoch, epoch))];
    }

    public override async ValueTask DisposeAsync()
    {
        await base.DisposeAsync();
        if (_follower is not null) await _follower.DisposeAsync();
        if (_innocent is not null) await _innocent.DisposeAsync();
        if (_second is not null) await _second.DisposeAsync();
        if (_first is not null) await _first.DisposeAsync();
        if (_postgres is not null) await _postgres.DisposeAsync();
    }

    protected override async Task TryAsync(long first, int count)
    {
        for (var index = first; index < first + count; index++)
        {
            var mutator = MutatorOf(index);
            var message = MessageOf(mutator);
            if (_first!.Receiver is not { } receiver) throw new InvalidOperationException("The server does not listen to the bus.");
            receiver.Received(message);
        }
        // They are taken in one after the other; past some tens of thousands they would be dropped.
        await Task.Delay(20);
    }

    protected override async Task<IReadOnlyList<string>> EndAsync()
    {
        await Task.Delay(1_000);
        var troubles = new List<string>(await _innocent!.EndAsync());
        // What it was told about its run may be wrong, but it was told, and can go on.
        if (_follower!.Closed.IsCompleted && hasKey) troubles.Add($"a follower was cut off: {(await _follower.Closed)?.Message}");
        await using (var again = await HubClient.ConnectAsync(_first!.Address, TestTokens.Create("bystander"))) await again.JoinAsync(_innocent.Run);
        troubles.AddRange(_first.Complaints.Take(5));
        // What the servers were told has found no way into what they sign.
        using var auditor = new ApiClient(_first.Address, TestTokens.Create("auditor"));
        var verified = (await auditor.GetAsync($"api/runs/{_innocent.Run}/verify")).Json;
        if (!verified.GetProperty("ok").GetBoolean()) troubles.Add($"the innocent's run is not as it was signed: {verified}");
        return troubles;
    }

    private byte[] MessageOf(Mutator mutator)
    {
        var message = mutator.Of(_corpus).ToArray();
        const int HeadBytes = 70;
        if (message.Length > HeadBytes && mutator.Chance(0.7))
        {
            var body = message[HeadBytes..];
            body = mutator.Chance(0.5) && body[0] is (byte)'{' or (byte)'[' ? mutator.ChangeJson(body) : mutator.ChangeBytes(body, [.. _corpus.Select(m => m[HeadBytes..])]);
            message = [.. message[..HeadBytes], .. body];
        }
        if (mutator.Chance(0.1)) message[1] = (byte)mutator.Random.Next(30);
        if (mutator.Chance(0.4)) message = mutator.ChangeBytes(message, _corpus);
        if (hasKey || message.Length < HeadBytes) return message;
        // One of a few servers that are none, and any run but that of the innocent.
        Guid.Parse($"bbbbbbbb-0000-4000-8000-00000000000{mutator.Random.Next(8)}").TryWriteBytes(message.AsSpan(2));
        if (mutator.Chance(0.5)) HostileRun.TryWriteBytes(message.AsSpan(18));
        return Replace(message, _innocent!.Run, HostileRun);
    }

    private static byte[] Replace(byte[] message, Guid what, Guid by)
    {
        var changed = message.ToArray();
        for (var rest = changed.AsSpan(); rest.IndexOf(what.ToByteArray()) is >= 0 and var at; rest = rest[(at + 16)..]) by.TryWriteBytes(rest[at..]);
        for (var rest = changed.AsSpan(); rest.IndexOf(System.Text.Encoding.ASCII.GetBytes(what.ToString())) is >= 0 and var at; rest = rest[(at + 36)..])
            System.Text.Encoding.ASCII.GetBytes(by.ToString()).CopyTo(rest[at..]);
        return changed;
    }

    private async Task StartServersAsync()
    {
        _postgres = await PostgresServer.StartAsync();
        var database = await _postgres.CreateDatabaseAsync();
        _wire = new Wire();
        _first = await Application.StartAsync(database, _wire, hasKey);
        _second = await Application.StartAsync(database, _wire, hasKey);
    }

    /// <summary>What all servers hear.</summary>
    private sealed class Wire
    {
        private readonly Lock _gate = new();
        private readonly List<ICollabBusReceiver> _receivers = [];

        public List<byte[]> Messages { get; } = [];

        public void Add(ICollabBusReceiver receiver)
        {
            lock (_gate) _receivers.Add(receiver);
        }

        public void Remove(ICollabBusReceiver receiver)
        {
            lock (_gate) _receivers.Remove(receiver);
        }

        public void Send(ReadOnlyMemory<byte> message)
        {
            lock (_gate)
            {
                if (Messages.Count < 5_000) Messages.Add(message.ToArray());
                foreach (var receiver in _receivers) receiver.Received(message);
            }
        }
    }

    private sealed class Bus(Wire wire, Application application) : ICollabBus
    {
        public string Name => "wire";

        public int MaxMessageBytes => 64 * 1024;

        public async Task RunAsync(ICollabBusReceiver receiver, CancellationToken stopping)
        {
            application.Receiver = receiver;
            wire.Add(receiver);
            receiver.StateChanged(isConnected: true);
            await Task.Delay(Timeout.Infinite, stopping).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            wire.Remove(receiver);
        }

        public bool TryPublish(Guid? runId, ReadOnlyMemory<byte> message)
        {
            wire.Send(message);
            return true;
        }

        public ValueTask SubscribeAsync(Guid runId, CancellationToken cancellationToken) => ValueTask.CompletedTask;

        public void Unsubscribe(Guid runId)
        {
            // All hear all.
        }

        public ValueTask DisposeAsync() => ValueTask.CompletedTask;
    }

    /// <summary>A server in this process.</summary>
    private sealed class Application : IAsyncDisposable, ILoggerProvider, ILogger
    {
        private WebApplication? _app;

        public ICollabBusReceiver? Receiver { get; set; }

        public Uri Address => new(_app!.Urls.Single());

        public System.Collections.Concurrent.ConcurrentQueue<string> Complaints { get; } = new();

        public static async Task<Application> StartAsync(string database, Wire wire, bool hasKey)
        {
            var application = new Application();
            var builder = WebApplication.CreateBuilder(new WebApplicationOptions { EnvironmentName = "Production" });
            builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0));
            builder.Logging.ClearProviders().AddProvider(application);
            builder.Configuration.AddInMemoryCollection(
            [
                new("Collab:Auth:SigningKey", TestTokens.Key), new("Collab:Limits:PublishPerSecond", "0"), new("Collab:Limits:PublishPerMinute", "0"),
                new("Collab:Signing:Key", "bus:a-key-that-signs-what-the-innocent-say"), new("Collab:Drain:DelaySeconds", "0"), new("Collab:Drain:OverSeconds", "0"), new("Collab:Bus:Key", hasKey ? "a key that the hostile have not" : null),
            ]);
            builder.Services.AddSingleton<ICollabBus>(_ => new Bus(wire, application));
            builder.Services.AddCollab().UsePostgres(database).UseJwtBearer();
            application._app = builder.Build();
            application._app.UseAuthentication();
            application._app.UseAuthorization();
            application._app.MapCollab();
            await application._app.StartAsync();
            return application;
        }

        public ILogger CreateLogger(string categoryName) => this;

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => logLevel >= LogLevel.Warning;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            // A message that makes no sense is told of; one that could not be taken in has met something that was not thought of.
            if (logLevel >= LogLevel.Error || (logLevel == LogLevel.Warning && exception is not null)) Complaints.Enqueue($"the server's log: {formatter(state, exception)} {exception}");
        }

        public void Dispose()
        {
            // The application's own.
        }

        public async ValueTask DisposeAsync()
        {
            if (_app is { } app) await app.DisposeAsync();
        }
    }
}
