using System.Globalization;
using System.Text;
using Collab.Client;
using Collab.Protocol;

namespace Collab.Blazor;

/// <summary>What users are called. People chose it, so it may be of any script, turn text around, or be nothing that can be seen.</summary>
internal static class Names
{
    private const string Nameless = "(no name)";
    private const char FirstStrongIsolate = '\u2068';
    private const char PopIsolate = '\u2069';

    /// <summary>The name, or else the id; for an element of its own, which keeps it apart.</summary>
    public static string Of(RunSnapshot? now, string userId) => Seen(now?.NameOf(userId)) ?? Seen(userId) ?? Nameless;

    /// <summary>Of who caused an event: as it says itself, or as the run knows.</summary>
    public static string Of(RunSnapshot? now, CollaborationEvent e) => Seen(e.UserName) ?? Of(now, e.UserId);

    /// <summary>For the middle of a sentence without elements, as in a label: it turns nothing around that comes after it.</summary>
    public static string Isolated(string name)
    {
        if (Ascii.IsValid(name)) return name;
        var isolated = new StringBuilder().Append(FirstStrongIsolate);
        foreach (var rune in name.EnumerateRunes())
        {
            if (!TurnsText(rune)) isolated.Append(rune);
        }
        return isolated.Append(PopIsolate).ToString();
    }

    /// <summary>Whether there is anything to see of a letter.</summary>
    public static bool IsVisible(Rune rune) => Rune.GetUnicodeCategory(rune) switch
    {
        UnicodeCategory.Control or UnicodeCategory.Format or UnicodeCategory.OtherNotAssigned or UnicodeCategory.PrivateUse
            or UnicodeCategory.SpaceSeparator or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator
            or UnicodeCategory.NonSpacingMark or UnicodeCategory.EnclosingMark => false,
        // Fillers of Hangul and the blank of Braille are letters and a symbol to Unicode, and white space to the eye.
        _ => rune.Value is not (0x115f or 0x1160 or 0x3164 or 0xffa0 or 0x2800),
    };

    /// <summary>Well-formed text, and null where there is nothing to see.</summary>
    private static string? Seen(string? name)
    {
        if (name is null || !name.EnumerateRunes().Any(IsVisible)) return null;
        return Ascii.IsValid(name) ? name : string.Concat(name.EnumerateRunes());
    }

    private static bool TurnsText(Rune rune) =>
        rune.Value is 0x061c or 0x200e or 0x200f or (>= 0x202a and <= 0x202e) or (>= 0x2066 and <= 0x2069);
}
