using System.Buffers.Binary;
using System.Threading.Channels;
using Microsoft.Extensions.Logging;
using Npgsql;

namespace Collab.AspNetCore.Cluster;

/// <summary>
/// LISTEN and NOTIFY of the PostgreSQL that the servers share: nothing more to run. Every server hears everything. What comes within 5
/// ms goes out together, after the commits and on a connection of its own: a NOTIFY in their transaction would make them wait for each
/// other.
/// </summary>
internal sealed partial class PostgresBus : ICollabBus
{
    /// <summary>A notification may hold 7,999 bytes of text; here that is base64 of messages with their lengths.</summary>
    private const int MaxPayloadBytes = 5_900;
    private const int LengthBytes = 4;
    private const int PayloadsAtOnce = 32;
    private const int Capacity = 8_192;
    private const int Connections = 2;
    private static readonly TimeSpan Together = TimeSpan.FromMilliseconds(5);
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(500);

    private readonly NpgsqlDataSource _source;
    private readonly string _channel;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly Lock _gate = new();
    private readonly Channel<ReadOnlyMemory<byte>> _queue =
        Channel.CreateBounded<ReadOnlyMemory<byte>>(new BoundedChannelOptions(Capacity) { SingleReader = true });

    private int _up;
    private bool _isReported;

    public PostgresBus(string connectionString, StoreOptions store, string channel, TimeProvider time, ILogger<PostgresBus> logger)
    {
        var own = new StoreOptions { ConnectionString = connectionString, TimeoutSeconds = store.TimeoutSeconds };
        var settings = PostgresConnectionString.Complete(own);
        // A connection that listens has nothing else by which it would notice that the other end is gone.
        (settings.Pooling, settings.KeepAlive) = (false, 5);
        (_source, _channel, _time, _logger) = (NpgsqlDataSource.Create(settings), channel, time, logger);
    }

    public string Name => "postgres";

    public int MaxMessageBytes => MaxPayloadBytes - LengthBytes;

    public Task RunAsync(ICollabBusReceiver receiver, CancellationToken stopping) => Task.WhenAll(
        AgainAsync(() => ListenAsync(receiver, stopping), stopping), AgainAsync(() => NotifyAsync(receiver, stopping), stopping));

    public bool TryPublish(Guid? runId, ReadOnlyMemory<byte> message) => _queue.Writer.TryWrite(message);

    // Every server hears of all runs.
    public ValueTask SubscribeAsync(Guid runId, CancellationToken cancellationToken) => default;

    public void Unsubscribe(Guid runId)
    {
        // As above.
    }

    public ValueTask DisposeAsync() => _source.DisposeAsync();

    private async Task AgainAsync(Func<Task> work, CancellationToken stopping)
    {
        while (!stopping.IsCancellationRequested)
        {
            try
            {
                await work();
            }
            catch (Exception e) when (!stopping.IsCancellationRequested)
            {
                Report(e);
                await Task.Delay(Pause, _time, stopping).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
            catch (OperationCanceledException)
            {
                return;
            }
        }
    }

    private async Task ListenAsync(ICollabBusReceiver receiver, CancellationToken stopping)
    {
        await using var connection = await _source.OpenConnectionAsync(stopping);
        connection.Notification += (_, notification) => Receive(receiver, notification.Payload);
        await using (var listen = new NpgsqlCommand($"LISTEN \"{_channel}\"", connection)) await listen.ExecuteNonQueryAsync(stopping);
        await WhileUpAsync(receiver, async () =>
        {
            while (true) await connection.WaitAsync(stopping);
        });
    }

    /// <summary>It is connected while both connections are: what either loses is to be doubted.</summary>
    private async Task WhileUpAsync(ICollabBusReceiver receiver, Func<Task> work)
    {
        lock (_gate)
        {
            var isUp = ++_up == Connections;
            if (isUp) _isReported = false;
            receiver.StateChanged(isUp);
        }
        try
        {
            await work();
        }
        finally
        {
            lock (_gate)
            {
                _up--;
                receiver.StateChanged(isConnected: false);
            }
        }
    }

    private static void Receive(ICollabBusReceiver receiver, string payload)
    {
        var bytes = new byte[payload.Length];
        if (!Convert.TryFromBase64String(payload, bytes, out var length)) return;
        var rest = bytes.AsMemory(0, length);
        while (rest.Length > LengthBytes)
        {
            var next = BinaryPrimitives.ReadInt32LittleEndian(rest.Span);
            if (next < 0 || next > rest.Length - LengthBytes) return;
            receiver.Received(rest.Slice(LengthBytes, next));
            rest = rest[(LengthBytes + next)..];
        }
    }

    private async Task NotifyAsync(ICollabBusReceiver receiver, CancellationToken stopping)
    {
        await using var connection = await _source.OpenConnectionAsync(stopping);
        // What it says is no truth that would have to survive.
        await using (var setting = new NpgsqlCommand("SET synchronous_commit = off", connection))
            await setting.ExecuteNonQueryAsync(stopping);
        await using var command = new NpgsqlCommand("SELECT pg_notify($1, payload) FROM unnest($2) payload", connection)
        {
            Parameters = { new() { Value = _channel }, new() { Value = Array.Empty<string>() } },
        };
        await WhileUpAsync(receiver, () => NotifyAsync(command, stopping));
    }

    private async Task NotifyAsync(NpgsqlCommand command, CancellationToken stopping)
    {
        var payloads = new List<string>();
        while (await _queue.Reader.WaitToReadAsync(stopping))
        {
            await Task.Delay(Together, _time, stopping).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            while (Take(payloads))
            {
                command.Parameters[1].Value = payloads.ToArray();
                // Also the last words of a server that stops.
                await command.ExecuteNonQueryAsync(CancellationToken.None);
            }
        }
    }

    private bool Take(List<string> payloads)
    {
        payloads.Clear();
        var payload = new byte[MaxPayloadBytes];
        var length = 0;
        while (payloads.Count < PayloadsAtOnce && _queue.Reader.TryPeek(out var message))
        {
            if (length + LengthBytes + message.Length > MaxPayloadBytes)
            {
                payloads.Add(Convert.ToBase64String(payload, 0, length));
                length = 0;
                continue;
            }
            _queue.Reader.TryRead(out _);
            BinaryPrimitives.WriteInt32LittleEndian(payload.AsSpan(length), message.Length);
            message.Span.CopyTo(payload.AsSpan(length + LengthBytes));
            length += LengthBytes + message.Length;
        }
        if (length > 0) payloads.Add(Convert.ToBase64String(payload, 0, length));
        return payloads.Count > 0;
    }

    /// <summary>Says it once, and not with each attempt, until it is back.</summary>
    private void Report(Exception e)
    {
        lock (_gate)
        {
            if (_isReported) return;
            _isReported = true;
        }
        LogLost(e);
    }

    [LoggerMessage(LogLevel.Warning, "The bus over PostgreSQL is lost. It is tried again until it is back.")]
    private partial void LogLost(Exception exception);
}
