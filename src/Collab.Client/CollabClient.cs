using System.Diagnostics.Metrics;
using Collab.Protocol;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;

namespace Collab.Client;

/// <summary>
/// Opens connections to the runs of one server. Make one per server and user, and keep it; it is safe for use from several threads.
/// </summary>
public sealed class CollabClient : IAsyncDisposable, IDisposable
{
    private readonly CollabClientOptions _options;
    private readonly Surroundings _surroundings;
    private readonly RunRequests _requests;
    private readonly HttpClient? _ownHttp;
    private readonly Lock _lock = new();
    private readonly HashSet<RunConnection> _open = [];
    private bool _isDisposed;

    /// <summary>Makes a client; nothing is sent yet.</summary>
    /// <param name="options">Changes made to them later have no effect on what is open.</param>
    /// <param name="loggers">Null: nothing is logged.</param>
    /// <param name="time">Null: that of the system.</param>
    /// <param name="meters">Null: a meter of its own.</param>
    /// <exception cref="OptionsValidationException">The options are wrong; it says all that is.</exception>
    public CollabClient(
        CollabClientOptions options, ILoggerFactory? loggers = null, TimeProvider? time = null, IMeterFactory? meters = null)
        : this(options, loggers, time, meters, http: null)
    {
    }

    /// <param name="options">See above.</param>
    /// <param name="loggers">See above.</param>
    /// <param name="time">See above.</param>
    /// <param name="meters">See above.</param>
    /// <param name="http">Gets a client for each request; null: one of its own.</param>
    internal CollabClient(
        CollabClientOptions options, ILoggerFactory? loggers, TimeProvider? time, IMeterFactory? meters, Func<HttpClient>? http)
    {
        _options = CollabClientOptionsRules.Checked(options);
        if (http is null) _ownHttp = NewHttpClient(options);
        _surroundings = new Surroundings
        {
            Time = time ?? TimeProvider.System,
            Logger = (loggers ?? NullLoggerFactory.Instance).CreateLogger<CollabClient>(),
            Metrics = new ClientMetrics(meters),
            Http = http ?? (() => _ownHttp!),
            Hub = address => (token, calls) => new SignalRHub(address, token, options, calls),
            Network = options.BaseAddress!.IsLoopback ? new Loopback() : new SystemNetwork(),
        };
        _requests = new RunRequests(_options, _surroundings);
    }

    /// <param name="options">See above.</param>
    /// <param name="surroundings">A test's own.</param>
    internal CollabClient(CollabClientOptions options, Surroundings surroundings)
    {
        (_options, _surroundings) = (CollabClientOptionsRules.Checked(options), surroundings);
        _requests = new RunRequests(_options, _surroundings);
    }

    /// <summary>
    /// Opens a connection to a run. It is there at once, and connects by and by: see <see cref="RunSnapshot.Connection"/>.
    /// </summary>
    /// <param name="runId">The run.</param>
    /// <param name="connect">
    /// False: it stays <see cref="ConnectionState.Idle"/> until <see cref="RunConnection.Connect"/>. Default true.
    /// </param>
    /// <returns>A connection of the caller's own, to be disposed. A run can be opened several times.</returns>
    /// <exception cref="ObjectDisposedException">The client was disposed.</exception>
    public RunConnection Open(Guid runId, bool connect = true)
    {
        var run = new RunConnection(runId, _options, _surroundings, Forget);
        lock (_lock)
        {
            ObjectDisposedException.ThrowIf(_isDisposed, this);
            _open.Add(run);
        }
        if (connect) run.Connect();
        return run;
    }

    /// <summary>Opens a connection to a run and waits until it is connected.</summary>
    /// <param name="runId">The run.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>A connection of the caller's own, to be disposed.</returns>
    /// <exception cref="CollabException">The server will not have this client.</exception>
    public async Task<RunConnection> ConnectAsync(Guid runId, CancellationToken cancellationToken = default)
    {
        var run = Open(runId);
        try
        {
            var now = await run.WaitForAsync(s => s.IsConnected || s.Connection is ConnectionState.Closed, cancellationToken)
                .ConfigureAwait(false);
            return now.Connection is ConnectionState.Closed { Error: { } error } ? throw error : run;
        }
        catch
        {
            await run.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    /// <summary>Asks for kept events of a run, without following it: nobody sees this user come.</summary>
    /// <param name="runId">The run.</param>
    /// <param name="afterSequence">Leaves out events up to this number; 0, the default: begins with the oldest kept.</param>
    /// <param name="limit">At most so many, 1 to 1000; default 100.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>A page; where <see cref="ReplayResult.HasMore"/> says so the next one comes after its last event.</returns>
    /// <exception cref="CollabException">The server refused it.</exception>
    /// <exception cref="HttpRequestException">No answer of a Collab server came.</exception>
    public Task<ReplayResult> ReplayAsync(
        Guid runId, long afterSequence = 0, int limit = 100, CancellationToken cancellationToken = default) =>
        _requests.AskAsync(api => api.ReplayAsync(runId, afterSequence, limit, cancellationToken), cancellationToken);

    /// <summary>Asks what the events of a run add up to, without following it.</summary>
    /// <param name="runId">The run.</param>
    /// <param name="asOfSequence">
    /// As it was after this event, which may be as old as the one before the oldest kept. Null, the default: as it is.
    /// </param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>The state.</returns>
    /// <exception cref="CollabException">The server refused it.</exception>
    /// <exception cref="HttpRequestException">No answer of a Collab server came.</exception>
    public Task<RunState> GetStateAsync(Guid runId, long? asOfSequence = null, CancellationToken cancellationToken = default) =>
        _requests.AskAsync(api => api.StateAsync(runId, asOfSequence, cancellationToken), cancellationToken);

    /// <summary>Asks the server whether a run is as it was signed.</summary>
    /// <param name="runId">The run.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>That it is, or the first event that is wrong.</returns>
    /// <exception cref="CollabException">The server refused it: <c>invalid_event</c>, if it signs nothing.</exception>
    /// <exception cref="HttpRequestException">No answer of a Collab server came.</exception>
    public Task<VerifyResult> VerifyAsync(Guid runId, CancellationToken cancellationToken = default) =>
        _requests.AskAsync(api => api.VerifyAsync(runId, cancellationToken), cancellationToken);

    /// <summary>Asks for the runs that the user may read, newest activity first.</summary>
    /// <param name="cursor">The <see cref="RunPage.NextCursor"/> of the page before. Null, the default: the first page.</param>
    /// <param name="limit">At most so many, 1 to 100; default 20.</param>
    /// <param name="ended">True: only runs that have ended; false: only those that go on. Null, the default: both.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>A page.</returns>
    /// <exception cref="CollabException">The server refused it.</exception>
    /// <exception cref="HttpRequestException">No answer of a Collab server came.</exception>
    public Task<RunPage> ListRunsAsync(
        string? cursor = null, int limit = 20, bool? ended = null, CancellationToken cancellationToken = default) =>
        _requests.AskAsync(api => api.ListAsync(cursor, limit, ended, cancellationToken), cancellationToken);

    /// <summary>
    /// Begins a new run as a copy of another as it was after an event: the same kept events up to there, with their numbers and ids, and
    /// the state that they and all before them add up to. The first event that is published to it has the next number.
    /// </summary>
    /// <param name="runId">The run to copy. It takes the right to read it.</param>
    /// <param name="atSequence">The last event to copy, one that is kept.</param>
    /// <param name="newRunId">
    /// What to call the new run, which nothing may have been written to. It takes the right to write to it. A repeat with the same values
    /// finds the run as it was made. Null, the default: a new id.
    /// </param>
    /// <param name="cancellationToken">Gives up; the run may be made all the same.</param>
    /// <returns>The new run; it is stored.</returns>
    /// <exception cref="CollabException">
    /// The server refused it: <c>conflict</c> where another run has that id, <c>invalid_event</c> where the event is not kept.
    /// </exception>
    /// <exception cref="HttpRequestException">No answer of a Collab server came; the run may be made all the same.</exception>
    public Task<BranchResult> BranchAsync(
        Guid runId, long atSequence, Guid? newRunId = null, CancellationToken cancellationToken = default)
    {
        var branch = new BranchRequest(runId, atSequence, newRunId ?? Guid.CreateVersion7());
        return _requests.AskAsync(api => api.BranchAsync(branch, cancellationToken), cancellationToken);
    }

    /// <summary>Publishes several events in one request, without following the run: nobody sees this user come.</summary>
    /// <param name="runId">The run.</param>
    /// <param name="events">
    /// 1 to 100, of 64 KiB together, in the order that they shall have. One that has no message id must not be sent twice.
    /// </param>
    /// <param name="isAtomic">
    /// True: all are stored with numbers in a row, or none. False, the default: each stands for itself, but behind the first one that may
    /// be tried again none is taken, so that trying again keeps the order.
    /// </param>
    /// <param name="cancellationToken">Gives up; the events may be stored all the same.</param>
    /// <returns>What became of each event, in their order.</returns>
    /// <exception cref="CollabException">The server refused all of them.</exception>
    /// <exception cref="HttpRequestException">No answer of a Collab server came; the events may be stored all the same.</exception>
    public Task<IReadOnlyList<PublishResult>> PublishBatchAsync(
        Guid runId, IReadOnlyList<PublishRequest> events, bool isAtomic = false, CancellationToken cancellationToken = default) =>
        _requests.PublishAsync(runId, events, isAtomic, cancellationToken);

    /// <summary>
    /// Begins to dispose all connections that are still open, and does not wait for that: for containers and <c>using</c> blocks that know
    /// no other way. Prefer <see cref="DisposeAsync"/>.
    /// </summary>
    public void Dispose() => DisposeAsync().AsTask().Observe();

    /// <summary>Disposes all connections that are still open.</summary>
    /// <returns>Completes when no task, timer or socket of the client is left.</returns>
    public async ValueTask DisposeAsync()
    {
        RunConnection[] open;
        lock (_lock)
        {
            _isDisposed = true;
            open = [.. _open];
        }
        await Task.WhenAll(open.Select(run => run.DisposeAsync().AsTask())).ConfigureAwait(false);
        _ownHttp?.Dispose();
        _surroundings.Metrics.Dispose();
    }

    private static HttpClient NewHttpClient(CollabClientOptions options)
    {
        // What a name stands for may change in weeks; in a browser that is the browser's business. No answer is nearly as large as this.
        HttpMessageHandler handler = OperatingSystem.IsBrowser()
            ? new HttpClientHandler()
            : new SocketsHttpHandler { PooledConnectionLifetime = TimeSpan.FromMinutes(5), UseCookies = options.Cookies is null };
        return new(handler) { MaxResponseContentBufferSize = 64 * 1024 * 1024 };
    }

    private void Forget(RunConnection run)
    {
        lock (_lock) _open.Remove(run);
    }
}
