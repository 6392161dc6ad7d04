using System.Globalization;
using System.Net.Http.Headers;
using Collab.Bench.Load;
using Collab.TestKit;

namespace Collab.Bench.Endurance;

/// <summary>Those who come and go: connections that follow a run for some seconds, streams, and polls.</summary>
internal sealed class Churn(Target target, Func<Guid> run) : IDisposable
{
    private const int JoinsPerSecond = 10, StreamsPerSecond = 2, PollsPerSecond = 20;

    private readonly HttpClient _http = new()
    {
        BaseAddress = target.Address,
        DefaultRequestHeaders = { Authorization = new AuthenticationHeaderValue("Bearer", TestTokens.Create("churn", expires: DateTimeOffset.UtcNow.AddHours(6))) },
    };

    private long _joined, _streamed, _polled, _failed, _gaps, _received;

    public string Figures => string.Create(
        CultureInfo.InvariantCulture,
        $"{_joined:N0} connections joined and left, {_streamed:N0} streams, {_polled:N0} polls; {_received:N0} events received, {_gaps} gaps or inversions, {_failed} failures");

    public bool IsSound => Volatile.Read(ref _gaps) == 0 && Volatile.Read(ref _failed) == 0;

    public async Task RunAsync(CancellationToken stop)
    {
        var all = new List<Task> { BeginAsync(JoinsPerSecond, FollowAsync, stop), BeginAsync(StreamsPerSecond, StreamAsync, stop), BeginAsync(PollsPerSecond, PollAsync, stop) };
        await Task.WhenAll(all);
    }

    public void Dispose() => _http.Dispose();

    private async Task BeginAsync(int perSecond, Func<CancellationToken, Task> act, CancellationToken stop)
    {
        var all = new HashSet<Task>();
        using var timer = new PeriodicTimer(TimeSpan.FromSeconds(1.0 / perSecond));
        while (!stop.IsCancellationRequested)
        {
            await timer.WaitForNextTickAsync(CancellationToken.None);
            all.RemoveWhere(t => t.IsCompleted);
            all.Add(QuietlyAsync(act, stop));
        }
        await Task.WhenAll(all);
    }

    private async Task QuietlyAsync(Func<CancellationToken, Task> act, CancellationToken stop)
    {
        try
        {
            await act(stop);
        }
        catch (Exception e) when (e is IOException or InvalidOperationException or HttpRequestException or OperationCanceledException)
        {
            if (stop.IsCancellationRequested) return;
            if (Interlocked.Increment(ref _failed) <= 5) Console.WriteLine(e.Message);
        }
    }

    private async Task FollowAsync(CancellationToken stop)
    {
        using var follower = await Follower.JoinAsync(target, run());
        var following = Task.Run(follower.RunAsync, CancellationToken.None);
        await LingerAsync(5_000, 15_000, stop);
        follower.Dispose();
        await following;
        Interlocked.Increment(ref _joined);
        Interlocked.Add(ref _received, follower.Received);
        Interlocked.Add(ref _gaps, follower.Gaps + follower.Inversions);
    }

    private async Task StreamAsync(CancellationToken stop)
    {
        using var answer = await _http.GetAsync(new Uri($"api/runs/{run()}/collaboration/stream", UriKind.Relative), HttpCompletionOption.ResponseHeadersRead, stop);
        answer.EnsureSuccessStatusCode();
        await using var body = await answer.Content.ReadAsStreamAsync(stop);
        using var end = CancellationTokenSource.CreateLinkedTokenSource(stop);
        end.CancelAfter(Random.Shared.Next(2_000, 5_000));
        try
        {
            await body.CopyToAsync(Stream.Null, end.Token);
        }
        catch (OperationCanceledException)
        {
            Interlocked.Increment(ref _streamed);
        }
    }

    private async Task PollAsync(CancellationToken stop)
    {
        using var answer = await _http.GetAsync(new Uri($"api/runs/{run()}/collaboration/poll?waitSeconds=1", UriKind.Relative), stop);
        answer.EnsureSuccessStatusCode();
        Interlocked.Increment(ref _polled);
    }

    private static Task LingerAsync(int atLeastMs, int atMostMs, CancellationToken stop) =>
        Task.WhenAny(Task.Delay(Random.Shared.Next(atLeastMs, atMostMs), CancellationToken.None), Task.Delay(Timeout.Infinite, stop));
}
