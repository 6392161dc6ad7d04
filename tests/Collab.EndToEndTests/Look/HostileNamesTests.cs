using System.Text.RegularExpressions;
using Collab.EndToEndTests.Kit;
using Microsoft.Playwright;
using Xunit;
using static Microsoft.Playwright.Assertions;

namespace Collab.EndToEndTests.Look;

/// <summary>What people may call themselves and their agents must not harm the page of anybody.</summary>
[Collection(Calm.Name)]
public sealed class HostileNamesTests(Chromium chromium, DemoServer server)
{
    [Fact]
    public async Task Agents_called_like_parts_of_every_object_are_shown_like_any_other()
    {
        await using var run = new SharedRun(chromium, server);
        var robot = await run.ConnectAsync("robot");
        string[] names = ["toString", "constructor", "__proto__", "hasOwnProperty"];
        var after = "PM";
        foreach (var name in names)
        {
            await robot.GraftAsync(run.Id, after, name);
            await robot.PublishAsync(run.Id, "FLAG", new { stepId = name, note = "valueOf" });
            after = name;
        }

        var ana = await run.JoinAsync("ana");

        foreach (var name in names) await Expect(ana.Page.Locator($"[data-node-id='{name}'] .name")).ToHaveTextAsync(name);
        await Expect(ana.Rows).ToHaveCountAsync(2 * names.Length);
        await ana.SendGraftsAsync(1);
        await run.AgreeAsync();
    }

    [Theory]
    [InlineData("constructor", "constructor")]
    [InlineData("%E2%80%AEevil", "evil")]
    [InlineData("x%F0%9F%98", "x\uFFFD")]
    [InlineData("%D8%B9%D9%85%D8%B1", "\u0639\u0645\u0631")]
    public async Task Users_may_be_called_anything_that_can_be_seen(string asked, string shown)
    {
        await using var run = new SharedRun(chromium, server);
        var ana = await run.JoinAsync("ana");
        await run.JoinAsync(asked);

        var notice = ana.NoticesOf("join").First;
        await Expect(notice).ToHaveTextAsync($"{shown} joined");
        await Expect(notice.Locator("bdi")).ToHaveTextAsync(shown);
        await Expect(ana.Avatars).ToHaveCountAsync(2);
        run.AssertNoComplaint();
    }

    /// <summary>Two of them in a row would change places, were each not isolated.</summary>
    [Fact]
    public async Task Names_from_right_to_left_leave_what_stands_beside_them_in_its_place()
    {
        const string Name = "\u05D3\u05E0\u05D4";
        const string Agent = "\u05E1\u05D5\u05E7\u05E8";
        const string Note = "\u05DE\u05D9";
        await using var run = new SharedRun(chromium, server);
        var dana = await run.ConnectAsync(Name);
        await dana.GraftAsync(run.Id, "PM", Agent);
        await dana.PublishAsync(run.Id, "FLAG", new { stepId = Agent, note = Note });
        await dana.MoveCursorAsync(run.Id, "SRE");
        var ana = await run.JoinAsync("ana");
        var sentence = ana.Rows.First.Locator("p").First;

        await Expect(sentence.Locator("bdi")).ToHaveTextAsync([Name, Agent, Note]);
        Assert.True(await IsBehindAsync(sentence, Agent, Note));
        await Expect(ana.Page.GetByTestId("step-cursor").Locator("bdi")).ToHaveTextAsync(Name);
        await Expect(ana.Page.Locator($"[data-testid='user-avatar'][data-user-id='{Name}'] collab-avatar"))
            .ToHaveAttributeAsync("aria-label", new Regex($"\u2068{Name}\u2069", RegexOptions.None, TimeSpan.FromSeconds(1)));
        await Expect(sentence.Locator(".who")).ToHaveAttributeAsync("title", $"\u2068{Name}\u2069");
        // So it would be.
        await sentence.EvaluateAsync("element => element.querySelectorAll('bdi').forEach(bdi => bdi.replaceWith(bdi.textContent))");
        Assert.False(await IsBehindAsync(sentence, Agent, Note));
        run.AssertNoComplaint();
    }

    /// <summary>Whether one text is drawn to the right of another.</summary>
    private static Task<bool> IsBehindAsync(ILocator element, string first, string second) => element.EvaluateAsync<bool>(
        """
        (element, { first, second }) => {
          element.normalize();
          const place = (text) => {
            const walker = document.createTreeWalker(element, NodeFilter.SHOW_TEXT);
            for (let node = walker.nextNode(); node; node = walker.nextNode()) {
              const at = node.data.indexOf(text);
              if (at < 0) continue;
              const range = document.createRange();
              range.setStart(node, at);
              range.setEnd(node, at + text.length);
              return range.getBoundingClientRect();
            }
            throw new Error(`There is no ${text}.`);
          };
          return place(second).left >= place(first).right;
        }
        """,
        new { first, second });
}
