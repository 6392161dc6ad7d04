using System.Collections.Concurrent;
using System.Text.RegularExpressions;
using Microsoft.Playwright;

namespace Collab.EndToEndTests.Kit;

/// <summary>What a page has to complain about: errors on its console, and exceptions that nobody caught.</summary>
internal sealed partial class ErrorWatch
{
    private readonly ConcurrentQueue<string> _errors = [];

    public ErrorWatch(IBrowserContext context)
    {
        context.Console += (_, message) =>
        {
            if (message.Type is "error" or "warning") _errors.Enqueue($"{message.Type}: {message.Text} ({message.Location})");
        };
        context.WebError += (_, error) => _errors.Enqueue($"exception: {error.Error}");
    }

    /// <summary>Whether the network broke on purpose. Chromium itself writes failed requests on the console, whatever the page does about them.</summary>
    public bool NetworkBreaks { get; set; }

    public void AssertNone() => Nothing.In(NetworkBreaks ? _errors.Where(error => !FailedRequest().IsMatch(error)) : _errors);

    [GeneratedRegex(@"^error: (Failed to load resource: net::ERR_|WebSocket connection to 'ws://)", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex FailedRequest();
}
