using System.Text.RegularExpressions;

namespace Collab.Hostile.Inputs;

/// <summary>What answers look like, whatever was asked.</summary>
internal static partial class Rules
{
    private static readonly HashSet<string> Codes = new(StringComparer.Ordinal)
    {
        "unauthorized", "forbidden", "invalid_event", "payload_too_large", "rate_limited", "overloaded", "unavailable", "conflict", "run_ended",
    };

    private static readonly HashSet<string> Endings = new(StringComparer.Ordinal)
    {
        "slow", "expired", "revoked", "kicked", "replaced", "shutdown", "too_many", "idle", "protocol",
    };

    public static bool IsCode(string? code) => code is not null && Codes.Contains(code);

    /// <summary>What is wrong with the text of a refusal of the hub; null: nothing.</summary>
    public static string? OfRefusal(string? text) => IsCode(CodeOf(text)) ? OfText(text!) : $"a refusal without a code: {text}";

    /// <summary>What is wrong with the text with which a connection ended; null: nothing.</summary>
    public static string? OfEnding(string? text) => text is null || Endings.Contains(CodeOf(text) ?? "") ? OfText(text ?? "") : $"an ending without a code: {text}";

    /// <summary>Whether a text shows how the server is made.</summary>
    public static string? OfText(string text) =>
        text.Contains("   at ", StringComparison.Ordinal) || text.Contains("Exception", StringComparison.Ordinal) ? $"an answer shows an exception: {Short(text)}" : null;

    /// <summary>A line of a log that nothing a client does may bring about.</summary>
    public static bool IsComplaint(string line) => Complaint().IsMatch(line);

    public static string Short(string text) => text.Length <= 300 ? text : text[..300] + "…";

    private static string? CodeOf(string? text) => text is not null && Code().Match(text) is { Success: true } match ? match.Groups["code"].Value : null;

    [GeneratedRegex(@"^\[(?<code>[a-z_]+)\] ", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Code();

    [GeneratedRegex("^(fail|crit): |Unhandled exception|UnobservedTaskException", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Complaint();
}
