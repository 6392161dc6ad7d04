using Microsoft.Playwright;

namespace Collab.EndToEndTests.Kit;

/// <summary>What a page looks like, as far as a browser can say it in numbers, once what moves has come to rest.</summary>
internal sealed class Appearance(IPage page)
{
    /// <summary>By how many CSS px the page is wider than its window.</summary>
    public Task<int> OverflowAsync() => page.EvaluateAsync<int>("document.documentElement.scrollWidth - document.documentElement.clientWidth");

    /// <summary>What reaches beyond the left or the right edge of the window, although it can be seen or used.</summary>
    public Task<string[]> BeyondTheEdgeAsync() => page.EvaluateAsync<string[]>(
        $$"""
        async () => {
          {{Rest}}
          return [...document.querySelectorAll('body *')]
            .filter((element) => element.checkVisibility({ visibilityProperty: true, opacityProperty: true }) && element.getBoundingClientRect().width > 1)
            .filter((element) => !element.closest('.visually-hidden, svg'))
            .filter((element) => {
              const { left, right } = element.getBoundingClientRect();
              return left < -1 || right > document.documentElement.clientWidth + 1;
            })
            .map((element) => element.cloneNode(false).outerHTML);
        }
        """);

    /// <summary>The longest animation or transition that any element is set to, in milliseconds.</summary>
    public Task<double> LongestMotionMsAsync() => page.EvaluateAsync<double>(
        """
        () => {
          const ms = (list) => Math.max(...list.split(',').map((time) => parseFloat(time) * (time.trim().endsWith('ms') ? 1 : 1000)));
          const styles = [...document.querySelectorAll('*')].flatMap((element) => [null, '::before', '::after'].map((part) => getComputedStyle(element, part)));
          return Math.max(...styles.map((style) => Math.max(ms(style.transitionDuration), style.animationName === 'none' ? 0 : ms(style.animationDuration))));
        }
        """);

    /// <summary>0: black, 1: white.</summary>
    public Task<double> BackgroundLuminanceAsync() => page.EvaluateAsync<double>(
        $"() => {{ {ColourFunctions} return luminance(solid(getComputedStyle(document.body).backgroundColor)); }}");

    /// <summary>The texts whose contrast with what is behind them is less than 4.5 to 1, or 3 to 1 where they are large. Disabled controls are exempt, and what only adorns.</summary>
    public Task<string[]> FaintTextsAsync() => page.EvaluateAsync<string[]>(
        $$"""
        async () => {
          {{Rest}}
          {{ColourFunctions}}
          const faint = [];
          const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
          for (let text = texts.nextNode(); text !== null; text = texts.nextNode()) {
            const element = text.parentElement;
            if (text.data.trim() === '' || !element.checkVisibility({ visibilityProperty: true, opacityProperty: true })) continue;
            if (element.closest(':disabled, [aria-disabled="true"], [aria-hidden="true"], .visually-hidden, script, style')) continue;
            const style = getComputedStyle(element);
            const behind = background(element);
            const [light, dark] = [luminance(over(faded(solid(style.color), element), behind)), luminance(behind)].sort((a, b) => b - a);
            const contrast = (light + 0.05) / (dark + 0.05);
            const size = parseFloat(style.fontSize);
            const isLarge = size >= 24 || (size >= 18.66 && Number(style.fontWeight) >= 700);
            if (contrast < (isLarge ? 3 : 4.5)) faint.push(`${contrast.toFixed(2)} "${text.data.trim()}" in ${element.cloneNode(false).outerHTML}`);
          }
          return faint;
        }
        """);

    /// <summary>Waits for whatever is on its way to its place; what goes on for ever is left out.</summary>
    private const string Rest =
        """
        const moving = document.getAnimations().filter((animation) => animation.effect?.getComputedTiming().iterations !== Infinity);
        await Promise.allSettled(moving.map((animation) => animation.finished));
        """;

    /// <summary>Any CSS colour as numbers, painted on what is behind it; a canvas knows them all.</summary>
    private const string ColourFunctions =
        """
        const context = new OffscreenCanvas(1, 1).getContext('2d', { willReadFrequently: true });
        const solid = (colour) => {
          context.clearRect(0, 0, 1, 1);
          context.fillStyle = colour;
          context.fillRect(0, 0, 1, 1);
          const [r, g, b, a] = context.getImageData(0, 0, 1, 1).data;
          return [r, g, b, a / 255];
        };
        const over = ([r, g, b, a], [R, G, B]) => [r * a + R * (1 - a), g * a + G * (1 - a), b * a + B * (1 - a), 1];
        const faded = ([r, g, b, a], element) => element === null ? [r, g, b, a] : faded([r, g, b, a * getComputedStyle(element).opacity], element.parentElement);
        const background = (element) => {
          if (element === null) return [255, 255, 255, 1];
          const own = solid(getComputedStyle(element).backgroundColor);
          return own[3] === 1 ? own : over(own, background(element.parentElement));
        };
        const luminance = (colour) => {
          const [r, g, b] = colour.map((part) => part / 255).map((part) => part <= 0.03928 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4);
          return 0.2126 * r + 0.7152 * g + 0.0722 * b;
        };
        """;
}
