namespace Collab.TestKit;

/// <summary>
/// A load balancer without affinity: each connection goes to the next server in turn of those that say that they are ready. It knows
/// nothing of HTTP, so connections that are kept open go on until either side closes them.
/// </summary>
public sealed class Balancer : IAsyncDisposable
{
    private static readonly TimeSpan BetweenProbes = TimeSpan.FromMilliseconds(200);

    private readonly CancellationTokenSource _end = new();
    private readonly Relay _relay;
    private readonly Task _probing;
    private volatile Uri[] _ready = [];
    private int _turn;

    /// <summary>Starts to listen on a free port, and to ask the servers.</summary>
    public Balancer(IReadOnlyList<Uri> servers)
    {
        _relay = new(Choose);
        _probing = ProbeAsync(servers);
    }

    /// <summary>Where clients connect to.</summary>
    public Uri Address => new($"http://127.0.0.1:{_relay.Port}/");

    /// <summary>Which servers it takes for ready.</summary>
    public IReadOnlyList<Uri> Ready => _ready;

    /// <summary>Cuts everything.</summary>
    public async ValueTask DisposeAsync()
    {
        await _end.CancelAsync();
        await _probing;
        await _relay.DisposeAsync();
        _end.Dispose();
    }

    private int? Choose() => _ready is { Length: > 0 } ready ? ready[(uint)Interlocked.Increment(ref _turn) % ready.Length].Port : null;

    private async Task ProbeAsync(IReadOnlyList<Uri> servers)
    {
        using var http = new HttpClient { Timeout = TimeSpan.FromSeconds(2) };
        try
        {
            while (true)
            {
                var answers = await Task.WhenAll(servers.Select(server => IsReadyAsync(http, server)));
                _ready = [.. servers.Zip(answers).Where(s => s.Second).Select(s => s.First)];
                await Task.Delay(BetweenProbes, _end.Token);
            }
        }
        catch (OperationCanceledException)
        {
            // It ends.
        }
    }

    private async Task<bool> IsReadyAsync(HttpClient http, Uri server)
    {
        try
        {
            using var answer = await http.GetAsync(new Uri(server, "health/ready"), _end.Token);
            return answer.IsSuccessStatusCode;
        }
        catch (Exception e) when (e is HttpRequestException or TaskCanceledException && !_end.IsCancellationRequested)
        {
            return false;
        }
    }
}
