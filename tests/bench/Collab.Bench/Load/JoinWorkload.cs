using System.Text;
using static Collab.Bench.Load.Timing;

namespace Collab.Bench.Load;

/// <summary>Clients that join a run of a thousand events, again and again, each as soon as it has them all.</summary>
internal sealed class JoinWorkload : Workload
{
    private const int Events = 1000;
    private const int Clients = 8;

    private readonly Dialect _dialect;
    private readonly Guid _run;
    private readonly LeanSocket[] _sockets;
    private long _joins;

    private JoinWorkload(Target target, Guid run, LeanSocket[] sockets) : base(target) => (_dialect, _run, _sockets) = (target.Dialect, run, sockets);

    public override Figures Figures => new()
    {
        ["joins/s"] = _joins / Cost.Seconds,
        ["server CPU ms per join"] = Cost.Server / _joins * 1000,
        ["generator CPU cores"] = Cost.Generator / Cost.Seconds,
    };

    public static async Task<Workload> PrepareAsync(Target target)
    {
        var run = Guid.NewGuid();
        using (var publisher = await Publisher.ConnectAsync(target, [run], 0))
        {
            publisher.Send(Events);
            publisher.Stop();
            await publisher.RunAsync();
        }
        var workload = new JoinWorkload(target, run, await Task.WhenAll(Enumerable.Range(0, Clients).Select(_ => target.ConnectAsync(1024 * 1024))));
        await workload.JoinAsync(WarmUp);
        workload._joins = 0;
        return workload;
    }

    public override ValueTask DisposeAsync()
    {
        foreach (var socket in _sockets) socket.Dispose();
        return ValueTask.CompletedTask;
    }

    protected override Task WorkAsync() => JoinAsync(Turn);

    private Task JoinAsync(TimeSpan duration)
    {
        var until = DateTime.UtcNow + duration;
        return Task.WhenAll(_sockets.Select(async socket =>
        {
            for (; DateTime.UtcNow < until; Interlocked.Increment(ref _joins))
            {
                socket.Write(_dialect.Join(_run));
                socket.Flush();
                await ReadAsync(socket);
            }
        }));
    }

    /// <summary>Reads the answer, and what may follow it, up to the newest event.</summary>
    private async Task ReadAsync(LeanSocket socket)
    {
        var isAnswered = false;
        for (var last = 0L; !isAnswered || last < Events;)
        {
            var message = socket.Take();
            if (message.Length > 0)
            {
                isAnswered |= IsAnswer(message);
                last = Math.Max(last, Newest(message));
            }
            else if (!await socket.FillAsync())
            {
                throw new EndOfStreamException("The server closed the connection.");
            }
        }
    }

    private bool IsAnswer(ReadOnlySpan<byte> message)
    {
        if (!_dialect.IsJoinAnswer(message)) return false;
        return message.Length < 1024 && message.IndexOf("\"error\":"u8) >= 0 ? throw new InvalidOperationException(Encoding.UTF8.GetString(message)) : true;
    }

    private static long Newest(ReadOnlySpan<byte> message)
    {
        // The last event's number stands at the end: reading all the others would take longer than what is measured.
        var at = message.LastIndexOf("\"sequenceNumber\":"u8);
        if (at < 0) return 0;
        message = message[at..];
        return Dialect.NextNumber(ref message, "\"sequenceNumber\":"u8, out var number) ? number : 0;
    }
}
