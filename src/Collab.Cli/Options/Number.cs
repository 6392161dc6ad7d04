using System.CommandLine;
using System.Globalization;

namespace Collab.Cli.Options;

/// <summary>Options that are a number between two others.</summary>
internal static class Number
{
    /// <summary>Makes one; what it is if it is not given has to be set by the command that wants another default than 0.</summary>
    public static Option<T> Option<T>(string name, string value, string description, T least, T most)
        where T : struct, IParsable<T>, IComparable<T> => new(name)
        {
            Description = description,
            HelpName = value,
            CustomParser = result =>
            {
                var isNumber = T.TryParse(result.Tokens[0].Value, CultureInfo.InvariantCulture, out var number);
                if (!isNumber || number.CompareTo(least) < 0 || number.CompareTo(most) > 0)
                {
                    result.AddError(string.Create(CultureInfo.InvariantCulture, $"{name} is a number from {least} to {most}."));
                }
                return number;
            },
        };
}
