namespace Collab.Blazor;

/// <summary>Names as people sort them: 2 before 19, whatever the case of letters. The same for every culture.</summary>
internal sealed class NameOrder : IComparer<string>
{
    public static readonly NameOrder Instance = new();

    public int Compare(string? x, string? y)
    {
        var one = x.AsSpan();
        var other = y.AsSpan();
        while (one.Length > 0 && other.Length > 0)
        {
            var first = Part(one);
            var second = Part(other);
            var order = char.IsAsciiDigit(first[0]) && char.IsAsciiDigit(second[0])
                ? CompareNumbers(first, second)
                : first.CompareTo(second, StringComparison.OrdinalIgnoreCase);
            if (order != 0) return order;
            one = one[first.Length..];
            other = other[second.Length..];
        }
        return one.Length != other.Length ? one.Length.CompareTo(other.Length) : string.CompareOrdinal(x, y);
    }

    /// <summary>However long: by length and then digit by digit.</summary>
    private static int CompareNumbers(ReadOnlySpan<char> one, ReadOnlySpan<char> other)
    {
        one = one.TrimStart('0');
        other = other.TrimStart('0');
        return one.Length != other.Length ? one.Length.CompareTo(other.Length) : one.SequenceCompareTo(other);
    }

    /// <summary>All digits, or all that is none.</summary>
    private static ReadOnlySpan<char> Part(ReadOnlySpan<char> text)
    {
        var isNumber = char.IsAsciiDigit(text[0]);
        var length = 1;
        while (length < text.Length && char.IsAsciiDigit(text[length]) == isNumber) length++;
        return text[..length];
    }
}
