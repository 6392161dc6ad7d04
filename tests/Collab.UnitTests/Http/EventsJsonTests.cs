using System.Text;
using System.Text.Json;
using Collab.AspNetCore.Events;
using Collab.AspNetCore.FanOut;
using Collab.AspNetCore.Http;
using Collab.TestKit;
using Collab.UnitTests.Kit;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.DependencyInjection;
using Xunit;

namespace Collab.UnitTests.Http;

/// <summary>However many events are in an answer, they are sent as they are and from where they are, and the answer is the same JSON as a small one.</summary>
public sealed class EventsJsonTests : IDisposable
{
    /// <summary>As large as an event can be by default.</summary>
    private static readonly string LargeData = $$"""{"stepId":"PM","note":"{{new string('é', 8_000)}}"}""";

    private static readonly LoggedEvent[] Large = [.. Enumerable.Range(1, 1000).Select(s => Some.Event(s, data: LargeData))];

    private readonly ManualTime _time = new();
    private readonly PipedClient _client = new();
    private readonly DefaultHttpContext _http = new();

    public EventsJsonTests()
    {
        _http.Features.Set<IHttpResponseBodyFeature>(_client);
        _http.Features.Set<IHttpRequestLifetimeFeature>(_client);
        _http.RequestServices = new ServiceCollection().AddSingleton<TimeProvider>(_time).AddSingleton(Some.Metrics()).BuildServiceProvider();
    }

    public void Dispose() => _client.Dispose();

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(4)]
    [InlineData(5)]
    [InlineData(1000)]
    public async Task A_poll_is_answered_with_all_events_and_who_is_there(int count)
    {
        var view = ViewOf(Large[..count]);

        var json = await AnswerOfAsync(new PollAnswer(view));

        const string End = """],"truncated":false,"activeUsers":["alice","zoë"],"cursorPositions":{"zoë":"PM"}}""";
        Assert.Equal(StartOf(view) + TextOf(view.Events) + End, json);
    }

    [Theory]
    [InlineData(1, 100)]
    [InlineData(4, 3)]
    [InlineData(1000, 1000)]
    [InlineData(1000, 999)]
    public async Task A_replay_is_answered_with_its_page_and_how_many_there_are(int count, int limit)
    {
        var view = ViewOf(Large[..count]);

        var json = await AnswerOfAsync(new ReplayAnswer(view, view.Events, limit));

        var hasMore = count > limit ? "true" : "false";
        Assert.Equal($$"""{{StartOf(view)}}{{TextOf(view.Events.Take(limit))}}],"totalEvents":{{count}},"hasMore":{{hasMore}}""" + "}", json);
    }

    [Fact]
    public async Task For_a_client_that_does_not_read_no_copy_of_all_events_is_made()
    {
        var answer = new PollAnswer(ViewOf(Large));
        var before = GC.GetAllocatedBytesForCurrentThread();

        var answering = answer.ExecuteAsync(_http);

        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 8 * PacedBody.PieceBytes);
        Assert.False(answering.IsCompleted);
        _time.Advance(PacedBody.Patience);
        await answering.WaitAsync(Patience.Default);
        Assert.True(_client.IsAborted);
    }

    [Fact]
    public async Task For_a_client_that_has_gone_the_answer_just_ends()
    {
        var answering = new PollAnswer(ViewOf(Large)).ExecuteAsync(_http);
        await _client.Reader.CompleteAsync();

        await answering.WaitAsync(Patience.Default);

        Assert.False(_client.IsAborted);
    }

    [Fact]
    public async Task A_request_that_is_aborted_just_ends()
    {
        var answering = new PollAnswer(ViewOf(Large)).ExecuteAsync(_http);
        _client.Abort();

        await answering.WaitAsync(Patience.Default);
    }

    private static RunView ViewOf(LoggedEvent[] events) =>
        new(Some.Run, Some.Epoch, events, events.Length, Math.Min(1, events.Length), Truncated: false, [], ["alice", "zoë"], [KeyValuePair.Create("zoë", "PM")]);

    private static string StartOf(RunView view) =>
        $$"""{"runId":"{{view.RunId}}","epoch":"{{view.Epoch}}","lastSequence":{{view.LastSequence}},"oldestSequence":{{view.OldestSequence}},"events":[""";

    private static string TextOf(IEnumerable<LoggedEvent> events) => string.Join(',', events.Select(e => Encoding.UTF8.GetString(e.Json)));

    /// <summary>The answer as a client reads it that keeps up. Its length was said before.</summary>
    private async Task<string> AnswerOfAsync(EventsJson answer)
    {
        var answering = answer.ExecuteAsync(_http).ContinueWith(_ => _client.Writer.Complete(), TaskScheduler.Default);
        using var all = new MemoryStream();
        await _client.Reader.CopyToAsync(all).WaitAsync(Patience.Default);
        await answering;
        Assert.Equal(_http.Response.ContentLength, all.Length);
        var json = Encoding.UTF8.GetString(all.ToArray());
        using var parsed = JsonDocument.Parse(json);
        return json;
    }
}
