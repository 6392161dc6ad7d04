namespace Collab.AspNetCore.Events;

/// <summary>
/// What a text column can hold: PostgreSQL refuses U+0000 and a surrogate without its twin, so nothing that has one may get near a batch.
/// </summary>
internal static class StoreText
{
    public static bool CanHold(ReadOnlySpan<char> text)
    {
        for (var i = 0; i < text.Length; i++)
        {
            if (text[i] == '\0') return false;
            if (!char.IsSurrogate(text[i])) continue;
            if (!char.IsHighSurrogate(text[i]) || i + 1 == text.Length || !char.IsLowSurrogate(text[i + 1])) return false;
            i++;
        }
        return true;
    }

    /// <summary>The first characters of a text, without half of a surrogate pair at the end.</summary>
    /// <param name="text">The text.</param>
    /// <param name="length">How many at most, 1 or more.</param>
    public static string Cut(string text, int length)
    {
        if (text.Length <= length) return text;
        return text[..(char.IsHighSurrogate(text[length - 1]) ? length - 1 : length)];
    }
}
