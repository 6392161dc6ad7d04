using System.Globalization;
using System.Text;

namespace Collab.Cli.Printing;

/// <summary>
/// Text of others, made harmless: a user's name or a note must not steer the terminal, begin a line or turn the text around.
/// </summary>
internal static class Plain
{
    /// <summary>The same text, with all that is not simply printed written as its code, <c>\u001b</c> for example.</summary>
    public static string Text(string? text)
    {
        if (string.IsNullOrEmpty(text)) return "";
        var plain = new StringBuilder(text.Length);
        for (var i = 0; i < text.Length;)
        {
            if (!Rune.TryGetRuneAt(text, i, out var rune))
            {
                plain.Append(CultureInfo.InvariantCulture, $@"\u{(int)text[i++]:x4}");
                continue;
            }
            if (IsHarmless(rune)) plain.Append(rune);
            else plain.Append(CultureInfo.InvariantCulture, $@"\u{rune.Value:x4}");
            i += rune.Utf16SequenceLength;
        }
        return plain.ToString();
    }

    private static bool IsHarmless(Rune rune) => Rune.GetUnicodeCategory(rune) switch
    {
        UnicodeCategory.Control or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator => false,
        // They hide text or turn it around; but for the two joiners, without which some scripts and emoji fall apart.
        UnicodeCategory.Format => rune.Value is 0x200c or 0x200d,
        _ => true,
    };
}
