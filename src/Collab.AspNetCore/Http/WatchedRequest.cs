using Collab.AspNetCore.Access;
using Collab.AspNetCore.Monitoring;
using Collab.Protocol;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;

namespace Collab.AspNetCore.Http;

/// <summary>
/// A request that lasts, an event stream or a poll that waits, as one of the connections: administrators see it and can end it, it ends
/// with its token, and its right to read is asked for again.
/// </summary>
internal sealed class WatchedRequest : IDisposable
{
    private readonly CancellationTokenSource _ended;
    private readonly ConnectionMonitor _monitor;

    public WatchedRequest(HttpContext http, ConnectionKind kind, Guid runId, Caller caller, ConnectionMonitor monitor)
    {
        _monitor = monitor;
        _ended = CancellationTokenSource.CreateLinkedTokenSource(http.RequestAborted);
        Token = _ended.Token;
        Record = monitor.NewRecord(Guid.NewGuid().ToString("N"), clientId: null, kind);
        Record.Runs = [runId];
        Record.WhenEnded = Cancel;
        var (time, expiresAt) = (http.RequestServices.GetRequiredService<TimeProvider>(), TokenExpiry.Of(http));
        Record.ExpiresAt = () => expiresAt;
        var rights = http.RequestServices.GetRequiredService<RunRights>();
        Record.Rights = new(rights, () => caller.Principal, time, http.RequestAborted);
        // The request was let in a moment ago.
        Record.Rights.Keep(runId, RunAccess.Read);
        monitor.Opened(Record, caller.UserId);
    }

    public ConnectionRecord Record { get; }

    /// <summary>Ends when the client leaves, or the server ends the request for the reason that the record has.</summary>
    public CancellationToken Token { get; }

    public void Dispose()
    {
        _monitor.Closed(Record);
        _ended.Dispose();
    }

    private void Cancel()
    {
        try
        {
            _ended.Cancel();
        }
        catch (ObjectDisposedException)
        {
            // The request has ended by itself in the meantime.
        }
    }
}
