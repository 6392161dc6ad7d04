using Collab.TestKit;

namespace Collab.Bench.Load;

/// <summary>A server that is measured: how to reach it, how to talk to it, and which processes are its own and its database's.</summary>
internal sealed record Target(string Name, Uri Address, Dialect Dialect, int ServerId, IReadOnlyList<int> DatabaseIds)
{
    private static readonly string Token = TestTokens.Create("bench", expires: DateTimeOffset.UtcNow.AddHours(6));

    public async Task<LeanSocket> ConnectAsync(int bufferSize)
    {
        var socket = await LeanSocket.ConnectAsync(Address, Dialect.Path(Token), bufferSize);
        await Dialect.GreetAsync(socket);
        return socket;
    }
}
