using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;

namespace Collab.Blazor;

/// <summary>How a user looks: as on the demo page, which has the same functions in TypeScript.</summary>
internal static partial class UserLooks
{
    private const int Colours = 12;

    /// <summary>1 to 12.</summary>
    public static int Colour(string userId) => (int)(Hash(userId) % Colours) + 1;

    /// <summary>
    /// One or two letters for an avatar; a number of up to two digits is whole, so that "person 11" and "person 12" differ.
    /// </summary>
    public static string Initials(string name)
    {
        var words = Separators().Split(name).Where(word => word.EnumerateRunes().Any(Names.IsVisible)).Take(2).ToArray();
        var letters = words switch
        {
            [] => "?",
            [var word] => Letters(word, 2),
            [var first, { Length: <= 2 } number, ..] when number.All(char.IsAsciiDigit) => Letters(first, 1) + number,
            [var first, var second, ..] => Letters(first, 1) + Letters(second, 1),
        };
        return letters.ToUpperInvariant();
    }

    /// <summary>FNV-1a of the UTF-16 units, folded.</summary>
    private static uint Hash(string text)
    {
        var value = 0x811c9dc5;
        foreach (var unit in text) value = (value ^ unit) * 0x01000193;
        return value ^ (value >> 15);
    }

    /// <summary>What a reader takes for a letter can be several code points.</summary>
    private static string Letters(string word, int count)
    {
        var letters = new StringBuilder();
        var elements = StringInfo.GetTextElementEnumerator(word);
        while (count > 0 && elements.MoveNext())
        {
            var letter = elements.GetTextElement();
            // What only turns text around, or hides, is no letter.
            if (!letter.EnumerateRunes().Any(Names.IsVisible)) continue;
            letters.Append(letter);
            count--;
        }
        return letters.ToString();
    }

    [GeneratedRegex(@"[\s._@-]+", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Separators();
}
