using System.Text.Json;
using Collab.Protocol;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace Collab.EndToEndTests.Kit;

/// <summary>Somebody who has a run open in a tab: what they see, what they do, and what their page's store holds.</summary>
internal sealed class Person(string name, IPage page, Uri address)
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

    private const string WatchNotices =
        """
        () => {
          window.notices = { texts: [], mostAtOnce: 0, longestMs: 0 };
          const since = new Map();
          const look = () => {
            const shown = [...document.querySelectorAll('.notification')];
            window.notices.mostAtOnce = Math.max(window.notices.mostAtOnce, shown.length);
            for (const notice of shown.filter((one) => !since.has(one))) {
              since.set(notice, performance.now());
              window.notices.texts.push(notice.querySelector('.notif-message').textContent);
            }
            for (const [notice, at] of since) {
              if (notice.isConnected) continue;
              since.delete(notice);
              window.notices.longestMs = Math.max(window.notices.longestMs, performance.now() - at);
            }
          };
          new MutationObserver(look).observe(document.body, { childList: true, subtree: true });
        }
        """;

    public string Name => name;

    public IPage Page => page;

    /// <summary>Where they opened the run.</summary>
    public Uri Address => address;

    public ILocator Status => page.GetByTestId("collaboration-status");

    public ILocator Avatars => page.GetByTestId("presence-indicator").GetByTestId("user-avatar");

    public ILocator Notices => page.Locator(".notification");

    public ILocator Queued => page.GetByTestId("queued-count");

    public ILocator FallbackWarning => page.GetByTestId("fallback-warning");

    public ILocator ConnectionBar => page.GetByTestId("connection-bar");

    public ILocator Health => page.GetByTestId("connection-health");

    /// <summary>What is sent and not acknowledged, in the timeline.</summary>
    public ILocator PendingRows => page.GetByTestId("pending-list").Locator("> li");

    public ILocator EmptyRun => page.GetByTestId("empty-run");

    /// <summary>The events in the timeline, newest first.</summary>
    public ILocator Rows => page.GetByTestId("event-list").Locator("[data-sequence]");

    public Pipeline Pipeline { get; } = new(page);

    /// <summary>What the notices of a kind say: <c>graft</c>, <c>prune</c>, <c>flag</c>, <c>join</c>, <c>leave</c>.</summary>
    public ILocator NoticesOf(string kind) => page.Locator($".notification.notif-{kind} .notif-message");

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

    /// <summary>The round trip that the page measured last, in milliseconds.</summary>
    public async Task<double> LatencyAsync() => (await StoreAsync("connectionHealth().latencyMs")).GetDouble();

    /// <summary>The code of the last ending by the server; null if there was none.</summary>
    public Task<string?> ReasonAsync() => page.EvaluateAsync<string?>("window.collaborationStore.reason()?.code ?? null");

    /// <summary>Presses "Try now", if the page has not come back by itself in the meantime.</summary>
    public Task TryNowAsync() => FallbackWarning.EvaluateAllAsync<int>("(bars) => bars.map((bar) => bar.querySelector('button').click()).length");

    /// <summary>The numbers of the critical events that the application was told of, in the order in which it was.</summary>
    public Task<long[]> HeardAsync() => page.EvaluateAsync<long[]>("window.heard");

    /// <summary>From here on what is heard counts anew.</summary>
    public Task ForgetHeardAsync() => page.EvaluateAsync("window.heard.length = 0");

    /// <summary>
    /// Grafts through the store, all at once and without waiting for an answer: agents NAME-1, NAME-2, … after the ARCHITECT. Completes when the store shows
    /// them, which it does with the next frame.
    /// </summary>
    public Task SendGraftsAsync(int count, int from = 1) => page.EvaluateAsync(
        """
        async ({ name, from, count }) => {
          const store = window.collaborationStore;
          const agents = Array.from({ length: count }, (_, i) => `${name}-${from + i}`);
          for (const agent of agents) void store.graft('ARCHITECT', agent);
          const shown = () => new Set([...store.pending(), ...store.events()].map(({ data }) => data.agentName));
          while (!agents.every((agent) => shown().has(agent))) await new Promise((resolve) => setTimeout(resolve, 5));
        }
        """,
        new { name, from, count });

    /// <summary>These people's avatars are there, each once.</summary>
    public async Task SeesAsync(params string[] people)
    {
        await Expect(Avatars).ToHaveCountAsync(people.Length);
        foreach (var user in people) await Expect(page.Locator($"[data-testid='user-avatar'][data-user-id='{user}']")).ToHaveCountAsync(1);
    }

    /// <summary>Goes on with the Tab key until something has the focus.</summary>
    public async Task TabToAsync(ILocator target)
    {
        const int Enough = 100;
        for (var i = 0; i < Enough; i++)
        {
            await page.Keyboard.PressAsync("Tab");
            if (await target.EvaluateAsync<bool>("(element) => element === document.activeElement")) return;
        }
        throw new InvalidOperationException($"The Tab key does not get to {target}.");
    }

    /// <summary>Closes every notice.</summary>
    public async Task DismissAllAsync()
    {
        await page.EvaluateAsync("document.querySelectorAll('.notif-close').forEach((button) => button.click())");
        await Expect(Notices).ToHaveCountAsync(0);
    }

    /// <summary>Takes note of the notices that come from now on; see <see cref="NoticesSoFarAsync"/>.</summary>
    public Task CountNoticesAsync() => page.EvaluateAsync(WatchNotices);

    public async Task<NoticesSoFar> NoticesSoFarAsync() =>
        JsonSerializer.Deserialize<NoticesSoFar>(await page.EvaluateAsync<string>("JSON.stringify(window.notices)"), JsonSerializerOptions.Web)!;

    /// <summary>As text, so that it comes as the page has it: the driver's own way to carry objects puts their fields in another order.</summary>
    private async Task<JsonElement> StoreAsync(string expression) =>
        JsonElement.Parse(await page.EvaluateAsync<string>($"JSON.stringify(window.collaborationStore.{expression})"));
}

/// <summary>The notices that a page has shown.</summary>
/// <param name="Texts">What they said, in the order in which they came.</param>
/// <param name="MostAtOnce">How many there were at the same time.</param>
/// <param name="LongestMs">How long the one stayed that stayed longest, of those that are gone.</param>
internal sealed record NoticesSoFar(string[] Texts, int MostAtOnce, double LongestMs);
