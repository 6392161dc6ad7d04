using System.Globalization;

namespace Collab.Blazor;

/// <summary>Numbers as the components show them: in English, as their texts are, whatever the culture of the circuit.</summary>
internal static class Figures
{
    public static string Count(int count) => count.ToString(CultureInfo.InvariantCulture);

    public static string Whole(double value) => value.ToString("0", CultureInfo.InvariantCulture);

    public static string Milliseconds(double value) => $"{Whole(value)} ms";

    public static string Seconds(TimeSpan value) => value.TotalSeconds.ToString("0.### s", CultureInfo.InvariantCulture);

    public static string Percent(double share) => share.ToString("0.#%", CultureInfo.InvariantCulture);
}
