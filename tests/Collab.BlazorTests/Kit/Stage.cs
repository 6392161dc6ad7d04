using System.Text.Json.Nodes;
using AngleSharp.Html.Parser;
using Bunit;
using Collab.Blazor;
using Collab.Client;
using Collab.ClientTests.Conformance;
using Collab.ClientTests.Kit;
using Collab.TestKit;
using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Components.Rendering;
using Microsoft.AspNetCore.Components.Web;
using Microsoft.AspNetCore.SignalR;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using Xunit;
using IElement = AngleSharp.Dom.IElement;

namespace Collab.BlazorTests.Kit;

/// <summary>A page with components on it, and a client whose server, clock and threads are the test's.</summary>
internal sealed class Stage : IDisposable
{
    public static readonly Guid RunId = OfflineClient.RunId;

    private readonly Pump _pump = new();
    private readonly HttpClient _http;
    private readonly ClientMetrics _metrics = new();
    private readonly BunitContext _page = new();
    private readonly HtmlParser _parser = new();
    private IRenderedComponent<Slot>? _slot;
    private bool _isOver;

    private Stage(bool isInteractive, CollabClientOptions? options)
    {
        Time = new SteppedTime(_pump);
        _http = new HttpClient(Server) { Timeout = Timeout.InfiniteTimeSpan };
        Client = NewClient(options ?? new CollabClientOptions());
        _page.Services.AddSingleton<TimeProvider>(Time).AddSingleton(Client);
        _page.SetRendererInfo(new RendererInfo("Test", isInteractive));
    }

    public SteppedTime Time { get; }

    public FakeServer Server { get; } = new();

    /// <summary>The one of the services.</summary>
    public CollabClient Client { get; }

    public Dispatcher Dispatcher => _page.Renderer.Dispatcher;

    /// <summary>The connection round what is shown.</summary>
    public RunConnection Run { get; private set; } = default!;

    /// <summary>Runs a test, takes the page down, and checks that nothing is left of it.</summary>
    public static void Play(Action<Stage> test, CollabClientOptions? options = null, bool isInteractive = true) => Pump.Run(() =>
    {
        using var stage = new Stage(isInteractive, options);
        test(stage);
        stage.End();
        Assert.False(stage._page.Renderer.UnhandledException.IsCompleted, "Something failed that no error boundary caught.");
    });

    public CollabClient NewClient(CollabClientOptions options)
    {
        options.BaseAddress ??= new Uri("https://collab.test");
        options.Backoff ??= attempt => TimeSpan.FromMilliseconds(100 * attempt);
        options.Token ??= _ => ValueTask.FromResult(FakeTokens.Create("alice", null, 1));
        return new CollabClient(options, new Surroundings
        {
            Time = Time,
            Logger = NullLogger.Instance,
            Metrics = _metrics,
            Http = () => _http,
            Hub = Server.Hub,
            Network = new FakeNetwork(),
            Outside = _pump.Post,
            Random = () => 1,
        });
    }

    /// <summary>Puts a fragment on the page, and lets happen what follows.</summary>
    public void Show(RenderFragment content)
    {
        if (_slot is null) _slot = _page.Render<Slot>(slot => slot.Add(s => s.Content, content));
        else _slot.Render(slot => slot.Add(s => s.Content, content));
        Settle();
    }

    /// <summary>Puts a fragment on the page, within the connection of <see cref="RunId"/>.</summary>
    public void ShowInRun(RenderFragment content) => Show(builder =>
    {
        builder.OpenComponent<CollabConnection>(0);
        builder.AddComponentParameter(1, nameof(CollabConnection.RunId), RunId);
        builder.AddComponentParameter(2, nameof(CollabConnection.ChildContent), (RenderFragment<RunConnection>)(run =>
        {
            Run = run;
            return content;
        }));
        builder.CloseComponent();
    });

    /// <summary>The page as it is now.</summary>
    public IElement Page => _parser.ParseDocument(Dispatcher.InvokeAsync(() => _slot!.Markup).GetAwaiter().GetResult()).Body!;

    public void Settle() => _pump.Settle();

    /// <summary>Presses the button that says so, or is called so; of several, the one at that place.</summary>
    public void Press(string name, int at = 0)
    {
        Trigger(page => page.FindAll("button").Where(button => button.Text() == name || button.Get("aria-label") == name).ElementAt(at)
            .ClickAsync(new MouseEventArgs()));
    }

    /// <summary>Chooses a value of the only control of that kind.</summary>
    public void Choose(string selector, string value) => Trigger(page => page.Find(selector).ChangeAsync(new ChangeEventArgs { Value = value }));

    /// <summary>Moves the only control of that kind to a value.</summary>
    public void Slide(string selector, string value) => Trigger(page => page.Find(selector).InputAsync(new ChangeEventArgs { Value = value }));

    /// <summary>Opens or closes the only details of that kind.</summary>
    public void Toggle(string selector) => Trigger(page => page.Find(selector).TriggerEventAsync("ontoggle", EventArgs.Empty));

    public void Advance(double milliseconds) => Time.Advance(TimeSpan.FromMilliseconds(milliseconds));

    /// <summary>The server takes the connection that was asked for last, and answers its join.</summary>
    public void Join(string run = "{}")
    {
        Answer("open", null);
        AnswerRun("JoinRun", run);
    }

    /// <summary>The server answers with the run, in the short form of the conformance scenarios.</summary>
    public void AnswerRun(string request, string run) => Answer(request, Shorthand.Answer(JsonNode.Parse(run)!.AsObject()));

    /// <summary>The server answers.</summary>
    public void Answer(string request, JsonNode? result)
    {
        Server.Take(r => r.Name == request)!.Resolve(result);
        Settle();
    }

    /// <summary>The network fails what was asked.</summary>
    public void Fail(string request) => Reject(request, new IOException("The network failed."));

    /// <summary>The server refuses what was asked.</summary>
    public void Refuse(string request, string message) => Reject(request, new HubException(message));

    /// <summary>The newest connection brings events.</summary>
    public void Receive(string events)
    {
        Server.Hubs[^1].Send(RunId, Shorthand.Events(JsonNode.Parse(events)!.AsArray()));
        Settle();
    }

    /// <summary>The newest connection is lost.</summary>
    public void Drop()
    {
        Server.Hubs[^1].Drop(new IOException("The network failed."));
        Settle();
    }

    /// <summary>Waits for what happens on other threads too: reading events, disposing.</summary>
    public void Until(Func<bool> condition) => Assert.True(SpinWait.SpinUntil(() => Settled(condition), Patience.Default), "It never came to that.");

    /// <summary>Takes the page down, and checks that nothing is left of it; the client itself goes on.</summary>
    public void End()
    {
        if (_isOver) return;
        _isOver = true;
        var ending = _page.DisposeComponentsAsync();
        Until(() => ending.IsCompleted);
        ending.GetAwaiter().GetResult();
        Assert.Equal(0, Time.Running);
        Assert.All(Server.Hubs, hub => Assert.True(hub.IsDisposed));
    }

    public void Dispose()
    {
        End();
        _http.Dispose();
        Server.Dispose();
        _metrics.Dispose();
        // Nothing is open any more, so this waits for nothing.
        _page.DisposeAsync().AsTask().GetAwaiter().GetResult();
    }

    private void Trigger(Func<IRenderedComponent<Slot>, Task> action)
    {
        _ = Dispatcher.InvokeAsync(() => action(_slot!));
        Settle();
    }

    private void Reject(string request, Exception error)
    {
        Server.Take(r => r.Name == request)!.Reject(error);
        Settle();
    }

    private bool Settled(Func<bool> condition)
    {
        Settle();
        return condition();
    }

    /// <summary>What is on the page.</summary>
    private sealed class Slot : ComponentBase
    {
        [Parameter, EditorRequired]
        public RenderFragment? Content { get; set; }

        protected override void BuildRenderTree(RenderTreeBuilder builder) => builder.AddContent(0, Content);
    }
}
