using System.Globalization;
using Collab.Blazor;
using Collab.BlazorTests.Kit;
using Collab.Client;
using Collab.Protocol;
using Collab.TestKit;
using Microsoft.AspNetCore.Components;
using Xunit;

namespace Collab.BlazorTests;

/// <summary>When a run is opened and closed, and what its changes do to the page.</summary>
public sealed class CollabConnectionTests
{
    private static readonly Guid OtherRun = Guid.Parse("11111111-2222-4333-8444-555555555555");

    [Fact]
    public void It_opens_the_run_and_what_takes_the_run_shows_each_change() => Stage.Play(stage =>
    {
        stage.Show(Scenes.Following(Stage.RunId));
        Assert.Equal($"{Stage.RunId} Connecting 0", Content(stage));

        stage.Join("""{ "events": ["1-3"] }""");
        Assert.Equal($"{Stage.RunId} Live 3", Content(stage));

        stage.Receive("[4]");
        Assert.Equal($"{Stage.RunId} Live 4", Content(stage));
    });

    [Fact]
    public void Prerendering_shows_everything_and_opens_nothing() => Stage.Play(
        stage =>
        {
            stage.ShowInRun(Scenes.All);

            Assert.IsType<ConnectionState.Idle>(stage.Run.Snapshot.Connection);
            Assert.Equal("Connecting", stage.Page.OfClass("word")[0].Text());
            Assert.NotNull(stage.Page.Find("presence-indicator"));
            Assert.Equal("The events are not here yet.", stage.Page.OfClass("empty")[0].Text());
            Assert.Empty(stage.Server.TakeAsked());
            Assert.Empty(stage.Server.Hubs);
            Assert.Equal(0, stage.Time.Running);
        },
        isInteractive: false);

    [Fact]
    public void Another_run_closes_the_connection_and_opens_another() => Stage.Play(stage =>
    {
        stage.Show(Scenes.Following(Stage.RunId));
        stage.Join("""{ "events": [1] }""");

        stage.Show(Scenes.Following(OtherRun));
        Assert.Equal($"{OtherRun} Connecting 0", Content(stage));
        stage.Until(() => stage.Server.Hubs[0].IsDisposed);
        stage.Join($$"""{ "runId": "{{OtherRun}}" }""");
        stage.Until(() => Content(stage) == $"{OtherRun} Live 0");

        Assert.Equal(2, stage.Server.Hubs.Count);
        Assert.False(stage.Server.Hubs[1].IsDisposed);
    });

    [Fact]
    public void The_same_run_again_leaves_the_connection_alone() => Stage.Play(stage =>
    {
        stage.Show(Scenes.Following(Stage.RunId));
        stage.Join();
        stage.Show(Scenes.Following(Stage.RunId));

        Assert.False(Assert.Single(stage.Server.Hubs).IsDisposed);
    });

    [Fact]
    public void Another_client_opens_a_connection_of_its_own() => Stage.Play(stage =>
    {
        var tokens = 0;
        var other = stage.NewClient(new CollabClientOptions
        {
            Token = _ =>
            {
                tokens++;
                return ValueTask.FromResult("other");
            },
        });
        stage.Show(Scenes.Following(Stage.RunId));
        stage.Join();
        Assert.Equal(0, tokens);

        stage.Show(Scenes.Following(Stage.RunId, other));

        stage.Until(() => stage.Server.Hubs[0].IsDisposed);
        Assert.Equal(1, tokens);
        Assert.Equal("other", stage.Server.Take(r => r.Name == "open")!.Token);
    });

    [Fact]
    public void What_is_taken_off_the_page_in_the_middle_of_connecting_leaves_nothing() => Stage.Play(stage =>
    {
        stage.ShowInRun(Scenes.All);
        Assert.Equal(["open"], stage.Server.TakeAsked().Select(request => request.Name));

        stage.Show(_ => { });
        stage.Until(() => stage.Server.Hubs[0].IsDisposed && stage.Time.Running == 0);

        Assert.Throws<ObjectDisposedException>(stage.Run.Connect);
    });

    [Fact]
    public void Taken_off_the_page_its_changes_render_no_more() => Stage.Play(stage =>
    {
        var renders = 0;
        stage.Show(Scenes.Following(Stage.RunId, rendered: () => renders++));
        stage.Join();
        stage.Show(_ => { });
        var before = renders;

        stage.Until(() => stage.Server.Hubs[0].IsDisposed);
        stage.Dispatcher.InvokeAsync(() => { }).Wait();

        Assert.Equal(before, renders);
    });

    [Fact]
    public void However_many_changes_come_while_the_page_is_busy_one_render_follows_and_the_client_does_not_wait() => Stage.Play(stage =>
    {
        var renders = 0;
        stage.Show(Scenes.Following(Stage.RunId, rendered: () => renders++));
        stage.Join();
        var before = renders;

        stage.Dispatcher.InvokeAsync(() =>
        {
            var changes = Task.Run(() =>
            {
                for (var i = 1; i <= 50; i++) stage.Receive($"[{i}]");
            });
            Assert.True(changes.Wait(Patience.Default), "The client waits for the page.");
            Assert.Equal(before, renders);
        }).Wait();
        // What was due comes before this.
        stage.Dispatcher.InvokeAsync(() => { }).Wait();

        Assert.Equal(before + 1, renders);
        Assert.Equal($"{Stage.RunId} Live 50", Content(stage));
    });

    [Fact]
    public void Templates_stand_in_until_the_first_connection_and_after_a_refusal() => Stage.Play(stage =>
    {
        stage.Show(Scenes.WithTemplates(Stage.RunId));
        Assert.NotNull(stage.Page.Find("connecting"));
        Assert.Null(stage.Page.Find("content"));
        stage.Fail("open");
        Assert.NotNull(stage.Page.Find("connecting"));

        stage.Advance(100);
        stage.Join("""{ "events": [1] }""");
        Assert.Equal("1", stage.Page.Find("content")?.Text());

        // Once it was there, it stays while the connection is away.
        stage.Drop();
        Assert.Equal("1", stage.Page.Find("content")?.Text());

        stage.Advance(1000);
        stage.Answer("open", null);
        stage.Refuse("JoinRun", "[forbidden] No.");
        Assert.Equal("Forbidden", stage.Page.Find("refused")?.Text());
        Assert.Null(stage.Page.Find("content"));
    });

    [Fact]
    public void News_are_told_once_and_in_order_over_a_reconnect_and_history_is_none() => Stage.Play(stage =>
    {
        var heard = new List<string>();
        stage.Show(Listening(e =>
        {
            lock (heard) heard.Add(e.SequenceNumber?.ToString(CultureInfo.InvariantCulture) ?? e.EventType);
            return Task.CompletedTask;
        }));
        stage.Join("""{ "events": ["1-3"] }""");
        stage.Receive("""[4, { "eventType": "USER_JOIN", "userId": "carol" }, 4, 5]""");
        stage.Drop();
        stage.Advance(1000);
        stage.Join("""{ "events": [6, 7] }""");
        stage.Receive("[7, 8]");

        stage.Until(() => Count(heard) == 6);
        Assert.Equal(["4", "USER_JOIN", "5", "6", "7", "8"], heard);
    });

    [Fact]
    public void News_are_told_again_after_a_refusal_that_is_over() => Stage.Play(stage =>
    {
        var heard = new List<long?>();
        RunConnection? run = null;
        stage.Show(Listening(
            e =>
            {
                lock (heard) heard.Add(e.SequenceNumber);
                return Task.CompletedTask;
            },
            now => run = now));
        stage.Answer("open", null);
        stage.Refuse("JoinRun", "[forbidden] Not yet.");

        run!.Connect();
        stage.Settle();
        stage.Join();
        // When it listens again nothing tells, so it goes on until something is heard.
        var sent = 0;
        stage.Until(() =>
        {
            stage.Receive($"[{++sent}]");
            return Count(heard) > 0;
        });
        stage.Until(() => Last(heard) == sent);
        Assert.Equal(Enumerable.Range(sent - heard.Count + 1, heard.Count).Select(n => (long?)n), heard);
    });

    [Fact]
    public void A_listener_that_fails_gets_to_the_error_boundary() => Stage.Play(stage =>
    {
        stage.Show(Scenes.Guarded(Listening(_ => throw new InvalidTimeZoneException("Out of order."))));
        stage.Join();
        stage.Receive("[1]");

        stage.Until(() => stage.Page.Find("failed")?.Text() == "Out of order.");
    });

    [Fact]
    public void Taken_off_the_page_it_tells_no_further_event() => Stage.Play(stage =>
    {
        var calls = 0;
        var goOn = new TaskCompletionSource();
        stage.Show(Listening(_ =>
        {
            Interlocked.Increment(ref calls);
            return goOn.Task;
        }));
        stage.Join();
        stage.Receive("[1, 2]");
        stage.Until(() => Volatile.Read(ref calls) == 1);

        stage.Show(_ => { });
        goOn.SetResult();
        stage.End();

        Assert.Equal(1, calls);
    });

    [Fact]
    public void A_run_that_the_application_disposes_of_itself_ends_the_reading() => Stage.Play(stage =>
    {
        var open = new OpenRun(stage.Client.Open(Stage.RunId), () => { });
        var reading = open.Read(_ => Task.CompletedTask, _ => Task.CompletedTask);

        var disposing = open.Run.DisposeAsync().AsTask();

        stage.Until(() => reading.IsCompleted && disposing.IsCompleted);
    });

    private static RenderFragment Listening(Func<CollaborationEvent, Task> onEvent, Action<RunConnection>? seen = null) => builder =>
    {
        builder.OpenComponent<CollabConnection>(0);
        builder.AddComponentParameter(1, nameof(CollabConnection.RunId), Stage.RunId);
        builder.AddComponentParameter(2, nameof(CollabConnection.OnEvent), new EventCallback<CollaborationEvent>(null, onEvent));
        builder.AddComponentParameter(3, nameof(CollabConnection.ChildContent), (RenderFragment<RunConnection>)(run =>
        {
            seen?.Invoke(run);
            return _ => { };
        }));
        builder.CloseComponent();
    };

    private static string? Content(Stage stage) => stage.Page.Find("content")?.Text();

    private static T Last<T>(List<T> list)
    {
        lock (list) return list[^1];
    }

    private static int Count<T>(List<T> list)
    {
        lock (list) return list.Count;
    }
}
