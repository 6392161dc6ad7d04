using System.Text;
using Collab.TestKit;

namespace Collab.Bench.Load;

/// <summary>A server that is measured: how to reach it, how to talk to it, and which processes are its own and its database's, if it has one.</summary>
internal sealed record Target(string Name, Uri Address, Dialect Dialect, int ServerId, int? DatabaseId)
{
    private static readonly string Token = TestTokens.Create("bench", expires: DateTimeOffset.UtcNow.AddHours(6));

    public bool IsDotNet => Dialect == Dialect.SignalR;

    public async Task<LeanSocket> ConnectAsync(int bufferSize)
    {
        var socket = await LeanSocket.ConnectAsync(Address, Dialect.Path(Token), bufferSize);
        await Dialect.GreetAsync(socket);
        return socket;
    }

    /// <summary>A request for what is new in a run; of a peer, for its constant answer.</summary>
    public byte[] PollRequest(Guid run, long after)
    {
        var path = Name == "collab" ? $"/api/runs/{run}/collaboration/poll?afterSequence={after}" : "/constant";
        var authorization = Name == "collab" ? $"Authorization: Bearer {Token}\r\n" : "";
        return Encoding.ASCII.GetBytes($"GET {path} HTTP/1.1\r\nHost: 127.0.0.1:{Address.Port}\r\n{authorization}\r\n");
    }
}
