using Collab.AspNetCore;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using StackExchange.Redis;

namespace Collab.Redis;

/// <summary>
/// Publish and subscribe of a Redis. Each run has a channel, which the servers subscribe to where the run is active; one channel is for
/// all. What is published while the engine is away is lost at once, so that nothing old comes when it is back.
/// </summary>
internal sealed partial class RedisBus(IOptions<CollabOptions> options, ILogger<RedisBus> logger) : ICollabBus
{
    /// <summary>Channels are named so that an engine of several nodes can share them out.</summary>
    private const int Partitions = 1024;
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(500);

    private readonly BusOptions _options = options.Value.Bus;
    private readonly Lock _gate = new();
    private IConnectionMultiplexer? _publisher;
    private IConnectionMultiplexer? _subscriber;
    private ICollabBusReceiver? _receiver;

    public string Name => "redis";

    public int MaxMessageBytes => 128 * 1024;

    public async Task RunAsync(ICollabBusReceiver receiver, CancellationToken stopping)
    {
        _receiver = receiver;
        for (var isReported = false; !stopping.IsCancellationRequested; isReported = true)
        {
            try
            {
                await ConnectAsync();
                break;
            }
            catch (Exception e)
            {
                if (!isReported) LogFailed(e);
                await Task.Delay(Pause, stopping);
            }
        }
        // What it says of its connections comes on any thread, and so perhaps in another order than it was.
        for (; !stopping.IsCancellationRequested; Changed())
            await Task.Delay(Pause, stopping).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    public bool TryPublish(Guid? runId, ReadOnlyMemory<byte> message)
    {
        if (_publisher is not { IsConnected: true } publisher) return false;
        try
        {
            publisher.GetSubscriber().Publish(ChannelOf(runId), message, CommandFlags.FireAndForget);
            return true;
        }
        catch (RedisException)
        {
            // Lost since it was asked.
            return false;
        }
    }

    public async ValueTask SubscribeAsync(Guid runId, CancellationToken cancellationToken)
    {
        if (_subscriber is { } subscriber) await SubscribeAsync(subscriber, ChannelOf(runId)).WaitAsync(cancellationToken);
    }

    public void Unsubscribe(Guid runId) => _subscriber?.GetSubscriber().Unsubscribe(ChannelOf(runId), flags: CommandFlags.FireAndForget);

    public async ValueTask DisposeAsync()
    {
        if (_publisher is not null) await _publisher.DisposeAsync();
        if (_subscriber is not null) await _subscriber.DisposeAsync();
    }

    /// <summary>One connection to publish and one to subscribe: the second is busy with what comes.</summary>
    private async Task ConnectAsync()
    {
        _publisher ??= await ConnectAsync(ConnectionType.Interactive);
        _subscriber ??= await ConnectAsync(ConnectionType.Subscription);
        await SubscribeAsync(_subscriber, ChannelOf(runId: null));
        Changed();
    }

    private async Task<ConnectionMultiplexer> ConnectAsync(ConnectionType used)
    {
        var connection = await ConnectionMultiplexer.ConnectAsync(Configuration());
        connection.ConnectionFailed += (_, e) => Changed(isLost: e.ConnectionType == used);
        connection.ConnectionRestored += (_, _) => Changed();
        return connection;
    }

    /// <summary>It is connected while both connections are: what either loses is to be doubted.</summary>
    private void Changed(bool isLost = false)
    {
        var all = ChannelOf(runId: null);
        lock (_gate)
        {
            var isThere = _publisher is { IsConnected: true } && _subscriber?.GetSubscriber().IsConnected(all) == true;
            _receiver!.StateChanged(isThere && !isLost);
        }
    }

    private async Task SubscribeAsync(IConnectionMultiplexer subscriber, RedisChannel channel)
    {
        // A queue for each channel keeps the order of its messages; nothing waits in it, for what takes them has a bound of its own.
        var queue = await subscriber.GetSubscriber().SubscribeAsync(channel);
        queue.OnMessage(message => _receiver!.Received((byte[])message.Message!));
    }

    private ConfigurationOptions Configuration()
    {
        var redis = ConfigurationOptions.Parse(_options.Redis!);
        redis.AbortOnConnectFail = false;
        redis.BacklogPolicy = BacklogPolicy.FailFast;
        redis.ReconnectRetryPolicy = new LinearRetry(200);
        redis.HeartbeatInterval = TimeSpan.FromMilliseconds(250);
        redis.ClientName ??= "collab";
        return redis;
    }

    private RedisChannel ChannelOf(Guid? runId) => RedisChannel.Literal(runId is { } run
        ? $"{_options.Prefix}:{PartitionOf(run)}:r:{run}"
        : $"{_options.Prefix}:c.all");

    /// <summary>The same on every server.</summary>
    private static int PartitionOf(Guid run)
    {
        Span<byte> bytes = stackalloc byte[16];
        run.TryWriteBytes(bytes);
        var hash = 2166136261u;
        foreach (var value in bytes) hash = (hash ^ value) * 16777619u;
        return (int)(hash % Partitions);
    }

    [LoggerMessage(LogLevel.Warning, "Redis cannot be reached. It is tried again until it can.")]
    private partial void LogFailed(Exception exception);
}
