using System.Collections;
using Microsoft.Extensions.Configuration;

namespace Collab.AspNetCore;

/// <summary>Keys that nothing reads. Mistyped, a limit would not hold, and nobody would know.</summary>
internal static class UnknownKeys
{
    /// <summary>What is wrong with the keys directly below a section, given the options that it is read into.</summary>
    public static IEnumerable<string> In(IConfigurationSection section, object options)
    {
        var known = options.GetType().GetProperties();
        foreach (var child in section.GetChildren())
        {
            var property = Array.Find(known, p => p.Name.Equals(child.Key, StringComparison.OrdinalIgnoreCase));
            if (property is null)
            {
                var suggestion = Closest(child.Key, known.Select(p => p.Name));
                yield return suggestion is null
                    ? $"{child.Path}: there is no such key."
                    : $"{child.Path}: there is no such key. Is {section.Path}:{suggestion} meant?";
            }
            else if (property.CanWrite && child.GetChildren().Any())
            {
                yield return $"{child.Path}: takes a value, and has no keys of its own.";
            }
            else if (!property.CanWrite && child.Value is { Length: > 0 } && property.GetValue(options) is not IList)
            {
                yield return $"{child.Path}: is a section, and takes no value.";
            }
        }
    }

    /// <summary>The name that differs least, if that is little.</summary>
    private static string? Closest(string key, IEnumerable<string> names)
    {
        var (name, edits) = names.Select(n => (Name: n, Edits: EditsBetween(key.ToUpperInvariant(), n.ToUpperInvariant())))
            .MinBy(n => n.Edits);
        return edits <= Math.Max(2, key.Length / 3) ? name : null;
    }

    /// <summary>Levenshtein's distance.</summary>
    private static int EditsBetween(string one, string other)
    {
        var row = Enumerable.Range(0, other.Length + 1).ToArray();
        for (var i = 1; i <= one.Length; i++)
        {
            var diagonal = row[0];
            row[0] = i;
            for (var j = 1; j <= other.Length; j++)
            {
                var edits = Math.Min(Math.Min(row[j], row[j - 1]) + 1, diagonal + (one[i - 1] == other[j - 1] ? 0 : 1));
                (diagonal, row[j]) = (row[j], edits);
            }
        }
        return row[^1];
    }
}
