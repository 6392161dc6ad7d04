using System.Net.Sockets;
using System.Text;
using Collab.Protocol;
using Collab.TestKit;
using Xunit;
using Xunit.Abstractions;

namespace Collab.IntegrationTests.Hubs;

/// <summary>
/// However connections end, nothing of them is left: no session, nobody present, no place among a user's connections, no handle. The numbers are those of
/// a short run; <c>COLLAB_LONG_TESTS=1</c> makes it 5,000 sockets and 200 streams.
/// </summary>
public sealed class StormTests(ITestOutputHelper output)
{
    private const int ConnectionsPerUser = 50;
    private const int AtOnce = 20;
    private static readonly TimeSpan BackWithin = TimeSpan.FromSeconds(60);
    private static readonly bool IsLong = Environment.GetEnvironmentVariable("COLLAB_LONG_TESTS") == "1";

    private static ServerSettings Settings => new()
    {
        Configuration = new Dictionary<string, string?> { ["Collab:Limits:ConnectionsPerUser"] = $"{ConnectionsPerUser}", ["Collab:Limits:PublishPerSecond"] = "0" },
    };

    [Fact]
    public async Task Of_sockets_that_are_cut_anywhere_nothing_is_left()
    {
        await using var server = await ServerProcess.StartAsync(Settings);
        var run = Guid.NewGuid();
        await WarmUpAsync(server, run);
        var before = HandlesOf(server);

        var random = new Random(12);
        var cuts = Enumerable.Range(0, IsLong ? 5000 : 500).Select(_ => (Stage: random.Next(RawClient.Stages), ByReset: random.Next(2) == 0)).ToArray();
        await Parallel.ForEachAsync(cuts, new ParallelOptions { MaxDegreeOfParallelism = AtOnce }, async (cut, _) =>
        {
            using var client = new RawClient(server.BaseAddress, TestTokens.Create("storm"), run);
            await client.GoToAsync(cut.Stage);
            client.Cut(cut.ByReset);
        });

        await AssertNothingIsLeftAsync(server, run, before, $"{cuts.Length} sockets");
    }

    [Fact]
    public async Task Of_streams_that_vanish_nothing_is_left()
    {
        await using var server = await ServerProcess.StartAsync(Settings);
        var run = Guid.NewGuid();
        await WarmUpAsync(server, run);
        var before = HandlesOf(server);

        var streams = IsLong ? 200 : 60;
        await Parallel.ForEachAsync(Enumerable.Range(0, streams), new ParallelOptions { MaxDegreeOfParallelism = AtOnce }, async (i, _) =>
        {
            using var client = new RawClient(server.BaseAddress, TestTokens.Create("storm"), run);
            await client.StreamAsync();
            client.Cut(byReset: i % 2 == 0);
        });

        await AssertNothingIsLeftAsync(server, run, before, $"{streams} streams");
    }

    /// <summary>What a server has after its first clients, it keeps.</summary>
    private static async Task WarmUpAsync(ServerProcess server, Guid run)
    {
        for (var i = 0; i < AtOnce; i++)
        {
            await using var client = await HubClient.ConnectAsync(server.BaseAddress, TestTokens.Create("warm"));
            await client.JoinAsync(run);
        }
    }

    private async Task AssertNothingIsLeftAsync(ServerProcess server, Guid run, int handlesBefore, string what)
    {
        using var admin = new ApiClient(server.BaseAddress, TestTokens.Create("admin", admin: true));
        await Eventually.TrueAsync(async () => (await admin.GetAsync<ConnectionOverview>("api/admin/websocket/connections")).Value.TotalConnections == 0, BackWithin);
        var left = (await admin.GetAsync<RunConnections>($"api/admin/websocket/connections/{run}")).Value;
        Assert.Empty(left.Connections);
        Assert.Empty(left.ActiveUsers);
        await Eventually.TrueAsync(() => HandlesOf(server) <= handlesBefore + AtOnce, BackWithin);
        output.WriteLine($"{what}: connections 0, present 0, handles {handlesBefore} before and {HandlesOf(server)} after");
        // Every place is free again.
        var all = new List<HubClient>();
        await Eventually.TrueAsync(async () =>
        {
            var client = await HubClient.ConnectAsync(server.BaseAddress, TestTokens.Create("storm"));
            if (await Record.ExceptionAsync(() => client.PingAsync()) is null) all.Add(client);
            else await client.DisposeAsync();
            return all.Count == ConnectionsPerUser;
        }, BackWithin);
        foreach (var client in all) await client.DisposeAsync();
        Assert.DoesNotContain(server.Output.All, line => line.StartsWith("fail: ", StringComparison.Ordinal) || line.StartsWith("crit: ", StringComparison.Ordinal));
    }

    private static int HandlesOf(ServerProcess server) => Directory.GetFiles($"/proc/{server.Id}/fd").Length;

    /// <summary>A client as bytes on a socket, which goes as far as it is told to, and is then cut.</summary>
    private sealed class RawClient(Uri server, string token, Guid run) : IDisposable
    {
        public const int Stages = 7;
        private Socket _socket = NewSocket();

        /// <summary>0: connected, 1: half a request, 2: a WebSocket, 3: greeted, 4: joining, 5: joined, 6: half a frame.</summary>
        public Task GoToAsync(int stage) => WithAPlaceAsync(async () =>
        {
            var request = $"GET /hubs/collaboration?access_token={token} HTTP/1.1\r\nHost: {server.Authority}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n" +
                "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n";
            if (stage >= 1) await SendAsync(Encoding.ASCII.GetBytes(stage == 1 ? request[..(request.Length / 2)] : request));
            if (stage >= 2) await ReadUntilAsync("\r\n\r\n");
            if (stage >= 3) await SendAsync(Frame("{\"protocol\":\"json\",\"version\":1}\u001e"));
            if (stage >= 3) await ReadUntilAsync("\u001e");
            if (stage >= 4) await SendAsync(Frame($$"""{"type":1,"invocationId":"1","target":"JoinRun","arguments":["{{run}}",null]}""" + '\u001e'));
            if (stage >= 5) await ReadUntilAsync("\"invocationId\":\"1\"");
            if (stage >= 6) await SendAsync(Frame($$"""{"type":1,"target":"MoveCursor","arguments":["{{run}}","PM"]}""" + '\u001e')[..20]);
        });

        public Task StreamAsync() => WithAPlaceAsync(async () =>
        {
            await SendAsync(Encoding.ASCII.GetBytes($"GET /api/runs/{run}/collaboration/stream?access_token={token} HTTP/1.1\r\nHost: {server.Authority}\r\n\r\n"));
            await ReadUntilAsync("event: run");
        });

        public void Cut(bool byReset)
        {
            if (byReset) _socket.LingerState = new(enable: true, seconds: 0);
            _socket.Close();
        }

        public void Dispose() => _socket.Dispose();

        private static Socket NewSocket() => new(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };

        /// <summary>Does it again for as long as the places of those who were cut before are not free.</summary>
        private async Task WithAPlaceAsync(Func<Task> act)
        {
            using var patience = new CancellationTokenSource(BackWithin);
            while (true)
            {
                await _socket.ConnectAsync(server.Host, server.Port, patience.Token);
                try
                {
                    await act();
                    return;
                }
                catch (NoPlaceException)
                {
                    _socket.Dispose();
                    _socket = NewSocket();
                }
                await Task.Delay(50, patience.Token);
            }
        }

        private async Task SendAsync(byte[] bytes)
        {
            for (var rest = bytes.AsMemory(); rest.Length > 0;) rest = rest[await _socket.SendAsync(rest)..];
        }

        private async Task ReadUntilAsync(string text)
        {
            var (read, buffer) = (new StringBuilder(), new byte[4096]);
            using var patience = new CancellationTokenSource(Patience.Default);
            while (!read.ToString().Contains(text, StringComparison.Ordinal))
            {
                var length = await ReceiveAsync(buffer, patience.Token) ?? throw new TimeoutException($"No {text} after: {read}");
                read.Append(Encoding.UTF8.GetString(buffer, 0, length));
                if (read.ToString().Contains("\"too_many\"", StringComparison.Ordinal)) throw new NoPlaceException();
                Assert.True(length > 0, $"The server ended the connection after: {read}");
            }
        }

        private async Task<int?> ReceiveAsync(byte[] buffer, CancellationToken patience)
        {
            try
            {
                return await _socket.ReceiveAsync(buffer, patience);
            }
            catch (OperationCanceledException)
            {
                return null;
            }
        }

        /// <summary>A text frame with a mask that changes nothing.</summary>
        private static byte[] Frame(string text)
        {
            var payload = Encoding.UTF8.GetBytes(text);
            byte[] header = payload.Length < 126 ? [0x81, (byte)(0x80 | payload.Length)] : [0x81, 0x80 | 126, (byte)(payload.Length >> 8), (byte)payload.Length];
            return [.. header, 0, 0, 0, 0, .. payload];
        }
    }

    private sealed class NoPlaceException : Exception;
}
