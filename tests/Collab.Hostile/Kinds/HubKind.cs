using System.Globalization;
using System.Net.WebSockets;
using System.Text;
using System.Text.Json;
using Collab.Hostile.Inputs;
using Collab.TestKit;

namespace Collab.Hostile.Kinds;

/// <summary>What comes over a hub's WebSocket.</summary>
internal sealed class HubKind(bool isBinary) : ServedKind
{
    /// <summary>A connection that is refused more often is read more slowly.</summary>
    private const int PerConnection = 600;

    private readonly bool _isBinary = isBinary;
    private readonly HubWords _words = new(isBinary);

    public override string Name => _isBinary ? "hub-messagepack" : "hub-json";

    protected override int BatchSize => PerConnection;

    protected override async Task TryAsync(long first, int count)
    {
        var framed = new List<(long Index, byte[] Bytes)>();
        for (var index = first; index < first + count; index++)
        {
            var mutator = MutatorOf(index);
            if (mutator.Chance(0.1)) await TryRawAsync(index, mutator);
            else framed.Add((index, _words.Framed(mutator, Stage.Spell)));
        }
        Connection? connection = null;
        try
        {
            foreach (var some in framed.Chunk(16))
            {
                connection ??= await ConnectAsync();
                if (await connection.TryAsync(some)) continue;
                // One of them has ended it: each by itself.
                connection.Dispose();
                connection = null;
                foreach (var one in some)
                {
                    using var alone = await ConnectAsync();
                    await alone.TryAsync([one]);
                }
            }
        }
        finally
        {
            connection?.Dispose();
        }
    }

    private Task<Connection> ConnectAsync() => Connection.OpenAsync(this, _words.Handshake);

    /// <summary>Bytes that need not be messages, perhaps in the place of the handshake, and then the end.</summary>
    private async Task TryRawAsync(long index, Mutator mutator)
    {
        var isHandshake = mutator.Chance(0.2);
        var bytes = isHandshake ? mutator.Mutate([_words.Handshake], asJson: true) : _words.Raw(mutator, Stage.Spell);
        using var connection = isHandshake ? await Connection.OpenAsync(this, handshake: null) : await ConnectAsync();
        Found(index, await connection.SendAndEndAsync(bytes));
    }

    private sealed class Connection : IDisposable
    {
        private readonly HubKind _kind;
        private readonly ClientWebSocket _socket = new();
        private int _pings;

        private Connection(HubKind kind) => _kind = kind;

        private WebSocketMessageType Type => _kind._isBinary ? WebSocketMessageType.Binary : WebSocketMessageType.Text;

        public static async Task<Connection> OpenAsync(HubKind kind, byte[]? handshake)
        {
            var connection = new Connection(kind);
            var address = new UriBuilder(HubClient.HubOf(kind.Stage.Address)) { Scheme = "ws", Query = $"access_token={kind.Stage.Token}&presence=full&fingerprints=true" }.Uri;
            using var timeout = new CancellationTokenSource(Patience.Process);
            await connection._socket.ConnectAsync(address, timeout.Token);
            if (handshake is null) return connection;
            await connection._socket.SendAsync(handshake, connection.Type, endOfMessage: true, timeout.Token);
            await connection.ReceiveAsync(timeout.Token);
            return connection;
        }

        /// <returns>False: the connection has ended before it was clear that all were read.</returns>
        public async Task<bool> TryAsync((long Index, byte[] Bytes)[] some)
        {
            using var timeout = new CancellationTokenSource(Patience.Process);
            var id = string.Create(CultureInfo.InvariantCulture, $"sync-{++_pings}");
            try
            {
                foreach (var (_, bytes) in some) await _socket.SendAsync(bytes, Type, endOfMessage: true, timeout.Token);
                await _socket.SendAsync(_kind._words.Ping(id), Type, endOfMessage: true, timeout.Token);
                while (await ReceiveAsync(timeout.Token) is { } message)
                {
                    foreach (var answer in _kind._words.Read(message))
                    {
                        if (Problem(answer) is { } problem)
                        {
                            // Which one it was shows when each is tried by itself.
                            if (some.Length > 1) return false;
                            _kind.Found(some[0].Index, $"{problem} to {Encoding.Latin1.GetString(some[0].Bytes)}");
                        }
                        if (IdOf(answer) == id) return true;
                    }
                }
            }
            catch (WebSocketException)
            {
                // It has ended.
            }
            catch (OperationCanceledException)
            {
                foreach (var (index, _) in some) _kind.Found(index, "no answer");
            }
            return false;
        }

        /// <returns>What must not have come of it.</returns>
        public async Task<string?> SendAndEndAsync(byte[] bytes)
        {
            using var timeout = new CancellationTokenSource(Patience.Process);
            try
            {
                await _socket.SendAsync(bytes, Type, endOfMessage: true, timeout.Token);
                await _socket.CloseOutputAsync(WebSocketCloseStatus.NormalClosure, null, timeout.Token);
                while (await ReceiveAsync(timeout.Token) is { } message)
                {
                    if (Rules.OfText(Encoding.Latin1.GetString(message)) is { } problem) return problem;
                }
                return null;
            }
            catch (WebSocketException)
            {
                return null;
            }
            catch (OperationCanceledException)
            {
                return "no end";
            }
        }

        public void Dispose() => _socket.Dispose();

        private static string? Problem(JsonElement answer) => Parts(answer) switch
        {
            (3, _, { } error) => Rules.OfRefusal(error),
            (7, _, var error) => Rules.OfEnding(error),
            _ => null,
        };

        private static string? IdOf(JsonElement answer) => Parts(answer).Id;

        private static (int Type, string? Id, string? Error) Parts(JsonElement answer) =>
            (answer.TryGetProperty("type", out var type) ? type.GetInt32() : 0, Text(answer, "invocationId"), Text(answer, "error"));

        private static string? Text(JsonElement answer, string name) => answer.TryGetProperty(name, out var text) ? text.GetString() : null;

        /// <returns>Null: it has ended.</returns>
        private async Task<byte[]?> ReceiveAsync(CancellationToken timeout)
        {
            using var message = new MemoryStream();
            var buffer = new byte[16 * 1024];
            while (true)
            {
                var received = await _socket.ReceiveAsync(buffer.AsMemory(), timeout);
                if (received.MessageType == WebSocketMessageType.Close) return null;
                message.Write(buffer, 0, received.Count);
                if (received.EndOfMessage) return message.ToArray();
            }
        }
    }
}
