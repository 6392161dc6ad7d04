using System.Buffers.Text;
using System.Globalization;
using System.Text;

namespace Collab.Bench.Load;

/// <summary>How a server is talked to. The events are the same JSON everywhere, so reading them is shared.</summary>
internal abstract class Dialect
{
    private static readonly byte[] Filler = Encoding.UTF8.GetBytes(new string('x', 120));

    public static Dialect SignalR { get; } = new SignalRDialect();

    public static Dialect SocketIo { get; } = new SocketIoDialect();

    public abstract string Path(string token);

    /// <summary>Says hello and waits until the server has answered.</summary>
    public abstract Task GreetAsync(LeanSocket socket);

    public abstract byte[] Join(Guid runId);

    public abstract byte[] Publish(Guid runId, int id, long sentAt);

    /// <summary>What keeps the connection open.</summary>
    public abstract byte[] KeepAlive { get; }

    /// <summary>How many acknowledgements a message holds, and whether it is the answer to a join.</summary>
    public abstract int CountAcknowledgements(ReadOnlySpan<byte> message, out int refused);

    public abstract bool IsJoinAnswer(ReadOnlySpan<byte> message);

    /// <summary>About 200 bytes of data, with the time at which it was sent.</summary>
    protected static string Data(long sentAt) =>
        string.Create(CultureInfo.InvariantCulture, $$"""{"after":"ARCHITECT","agentName":"{{Encoding.ASCII.GetString(Filler)}}","t":{{sentAt}}}""");

    /// <summary>Reads the numbers that follow a name, one after the other.</summary>
    public static bool NextNumber(ref ReadOnlySpan<byte> message, ReadOnlySpan<byte> name, out long number)
    {
        number = 0;
        var at = message.IndexOf(name);
        if (at < 0) return false;
        message = message[(at + name.Length)..];
        return Utf8Parser.TryParse(message, out number, out _);
    }

    protected static int Count(ReadOnlySpan<byte> message, ReadOnlySpan<byte> text)
    {
        var count = 0;
        for (var at = message.IndexOf(text); at >= 0; at = message.IndexOf(text))
        {
            count++;
            message = message[(at + text.Length)..];
        }
        return count;
    }

    protected static async Task<byte[]> NextAsync(LeanSocket socket)
    {
        while (true)
        {
            var message = socket.Take();
            if (message.Length > 0) return message.ToArray();
            if (!await socket.FillAsync()) throw new EndOfStreamException("The server closed the connection.");
        }
    }

    private sealed class SignalRDialect : Dialect
    {
        public override byte[] KeepAlive { get; } = "{\"type\":6}\u001e"u8.ToArray();

        public override string Path(string token) => $"/hubs/collaboration?access_token={token}";

        public override async Task GreetAsync(LeanSocket socket)
        {
            socket.Write("{\"protocol\":\"json\",\"version\":1}\u001e"u8);
            socket.Flush();
            await NextAsync(socket);
        }

        public override byte[] Join(Guid runId) =>
            Encoding.UTF8.GetBytes($$"""{"type":1,"invocationId":"j","target":"JoinRun","arguments":["{{runId}}",null]}""" + '\u001e');

        public override byte[] Publish(Guid runId, int id, long sentAt) => Encoding.UTF8.GetBytes(
            $$"""{"type":1,"invocationId":"{{id}}","target":"Publish","arguments":["{{runId}}","GRAFT",{{Data(sentAt)}},"{{Guid.CreateVersion7()}}"]}""" + '\u001e');

        public override int CountAcknowledgements(ReadOnlySpan<byte> message, out int refused)
        {
            refused = Count(message, "\"error\":"u8);
            return Count(message, "\"duplicate\":false"u8);
        }

        public override bool IsJoinAnswer(ReadOnlySpan<byte> message) => message.IndexOf("\"invocationId\":\"j\""u8) >= 0;
    }

    private sealed class SocketIoDialect : Dialect
    {
        public override byte[] KeepAlive { get; } = "3"u8.ToArray();

        public override string Path(string token) => "/socket.io/?EIO=4&transport=websocket";

        public override async Task GreetAsync(LeanSocket socket)
        {
            await NextAsync(socket);
            socket.Write("40"u8);
            socket.Flush();
            await NextAsync(socket);
        }

        public override byte[] Join(Guid runId) => Encoding.UTF8.GetBytes($$"""420["join","{{runId}}",0]""");

        public override byte[] Publish(Guid runId, int id, long sentAt) =>
            Encoding.UTF8.GetBytes($$"""42{{id}}["publish","{{runId}}","GRAFT",{{Data(sentAt)}},"{{Guid.CreateVersion7()}}"]""");

        public override int CountAcknowledgements(ReadOnlySpan<byte> message, out int refused)
        {
            refused = 0;
            return message.StartsWith("43"u8) ? 1 : 0;
        }

        public override bool IsJoinAnswer(ReadOnlySpan<byte> message) => message.StartsWith("430["u8);
    }
}
