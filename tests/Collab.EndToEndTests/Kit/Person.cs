using System.Text.Json;
using Collab.Protocol;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace Collab.EndToEndTests.Kit;

/// <summary>Somebody who has a run open in a tab: what they see, what they do, and what their page's store holds.</summary>
internal sealed class Person(string name, IPage page)
{
    /// <summary>Notes the number of each critical event that the page's application hears of, from before the first one on.</summary>
    public const string ListenToStore =
        """
        window.heard = [];
        let store;
        Object.defineProperty(window, 'collaborationStore', {
          get: () => store,
          set: (value) => {
            if (value === store) return;
            store = value;
            store.onEvent((event) => { if (event.isCritical) window.heard.push(event.sequenceNumber); });
          },
        });
        """;

    public string Name => name;

    public IPage Page => page;

    public ILocator Status => page.GetByTestId("collaboration-status");

    public ILocator Avatars => page.GetByTestId("presence-indicator").GetByTestId("user-avatar");

    public ILocator Notices => page.Locator(".notification");

    public ILocator Queued => page.GetByTestId("queued-count");

    public ILocator FallbackWarning => page.GetByTestId("fallback-warning");

    public ILocator EmptyRun => page.GetByTestId("empty-run");

    /// <summary>The events in the timeline, newest first.</summary>
    public ILocator Rows => page.GetByTestId("event-list").Locator("[data-sequence]");

    public Pipeline Pipeline { get; } = new(page);

    public ILocator NoticeOf(string kind) => page.Locator($".notification.notif-{kind}");

    public Task IsConnectedAsync(bool connected = true) =>
        Expect(Status).ToHaveAttributeAsync("data-connected", connected ? "true" : "false");

    /// <summary>The critical events that the store holds.</summary>
    public async Task<IReadOnlyList<CollaborationEvent>> EventsAsync() =>
        (await StoreAsync("events()")).Deserialize(CollabJson.Default.IReadOnlyListCollaborationEvent)!;

    /// <summary>What the store says that all events add up to.</summary>
    public async Task<RunState> StateAsync() => (await StoreAsync("state()")).Deserialize(CollabJson.Default.RunState)!;

    /// <summary>The newest event's number.</summary>
    public async Task<long> LastSequenceAsync() => (await StoreAsync("lastSequence()")).GetInt64();

    /// <summary>Sends that are not acknowledged, refused ones included.</summary>
    public async Task<int> PendingAsync() => (await StoreAsync("pending().length")).GetInt32();

    /// <summary>The numbers of the critical events that the application was told of, in the order in which it was.</summary>
    public Task<long[]> HeardAsync() => page.EvaluateAsync<long[]>("window.heard");

    /// <summary>From here on what is heard counts anew.</summary>
    public Task ForgetHeardAsync() => page.EvaluateAsync("window.heard.length = 0");

    /// <summary>Grafts through the store, all at once and without waiting for an answer: agents NAME-1, NAME-2, … after the ARCHITECT.</summary>
    public Task SendGraftsAsync(int count, int from = 1) => page.EvaluateAsync(
        "({ name, from, count }) => { for (let n = from; n < from + count; n++) void window.collaborationStore.graft('ARCHITECT', `${name}-${n}`); }",
        new { name, from, count });

    /// <summary>As text, so that it comes as the page has it: the driver's own way to carry objects puts their fields in another order.</summary>
    private async Task<JsonElement> StoreAsync(string expression) =>
        JsonElement.Parse(await page.EvaluateAsync<string>($"JSON.stringify(window.collaborationStore.{expression})"));
}
