using System.Diagnostics;
using System.Text;
using Collab.Bench.Load;
using Collab.TestKit;

namespace Collab.Bench;

/// <summary>
/// What it costs that 1,000 followers of a run say how far they have seen it and hear it of each other: pings without marks beside pings with,
/// by turns. In a turn each follower pings three times, ten times as often as clients do, so that there is something to measure.
/// </summary>
internal static class SeenBench
{
    private const int Followers = 1000;
    private const int Turns = 6;

    /// <summary>Clients ping every ten seconds.</summary>
    private const double PingsPerSecond = Followers / 10.0;

    public static async Task RunAsync()
    {
        Console.WriteLine($"{"",22} {"pings",8} {"server CPU us per ping",24} {"% of a core for 1,000 followers",34}");
        await using var servers = new Servers();
        var target = await servers.StartAsync("collab");
        var run = Guid.NewGuid();
        var sockets = new List<LeanSocket>();
        foreach (var some in Enumerable.Range(0, Followers).Chunk(32)) sockets.AddRange(await Task.WhenAll(some.Select(n => JoinAsync(target, run, n))));
        var reading = sockets.Select(ReadAsync).ToList();
        Pings[] modes =
        [
            new(target, sockets, run, "quiet, no marks", hasMarks: false, moves: false),
            new(target, sockets, run, "quiet, marks", hasMarks: true, moves: false),
            new(target, sockets, run, "all move, no marks", hasMarks: false, moves: true),
            new(target, sockets, run, "all move, marks", hasMarks: true, moves: true),
        ];
        foreach (var mode in modes) await mode.WarmUpAsync();
        for (var turn = 0; turn < Turns; turn++)
        {
            foreach (var mode in turn % 2 == 0 ? modes : [.. modes.Reverse()]) await mode.TakeTurnAsync();
        }
        foreach (var mode in modes) mode.Print();
        foreach (var socket in sockets) socket.Dispose();
        await Task.WhenAll(reading);
    }

    private static async Task<LeanSocket> JoinAsync(Target target, Guid run, int number)
    {
        var token = TestTokens.Create($"follower-{number}");
        var socket = await LeanSocket.ConnectAsync(target.Address, target.Dialect.Path(token) + "&presence=full", bufferSize: 64 * 1024);
        await target.Dialect.GreetAsync(socket);
        socket.Write(target.Dialect.Join(run));
        socket.Flush();
        return socket;
    }

    private static async Task ReadAsync(LeanSocket socket)
    {
        while (await socket.FillAsync())
        {
            while (socket.Take().Length > 0) { }
        }
    }

    private sealed class Pings(Target target, List<LeanSocket> sockets, Guid run, string name, bool hasMarks, bool moves) : Workload(target)
    {
        private static long _sequence;
        private readonly Target _target = target;
        private int _sent;

        public override Figures Figures => [];

        public async Task WarmUpAsync()
        {
            await WorkAsync();
            _sent = 0;
        }

        public void Print()
        {
            var each = Cost.Server / _sent;
            Console.WriteLine($"{name,22} {_sent,8} {each * 1e6,24:0.0} {each * PingsPerSecond * 100,34:0.00}");
        }

        public override ValueTask DisposeAsync() => ValueTask.CompletedTask;

        /// <summary>Each follower pings once a second, evenly spread. Where all move, an event comes before each round of pings.</summary>
        protected override async Task WorkAsync()
        {
            var watch = Stopwatch.StartNew();
            for (var round = 0; round < (int)Turn.TotalSeconds; round++)
            {
                if (moves)
                {
                    sockets[0].Write(_target.Dialect.Publish(run, round, 0));
                    sockets[0].Flush();
                    _sequence++;
                }
                var mark = hasMarks ? $$""",{"{{run}}":{{_sequence}}}""" : "";
                var ping = Encoding.UTF8.GetBytes($$"""{"type":1,"invocationId":"p","target":"Ping","arguments":[1764500000000,12.5{{mark}}]}""" + '\u001e');
                for (var n = 0; n < sockets.Count; n++)
                {
                    sockets[n].Write(ping);
                    sockets[n].Flush();
                    _sent++;
                    var due = TimeSpan.FromSeconds(round + ((n + 1.0) / sockets.Count));
                    if (due - watch.Elapsed is { TotalMilliseconds: > 2 } left) await Task.Delay(left);
                }
            }
            // The last answers.
            await Task.Delay(200);
        }
    }
}
