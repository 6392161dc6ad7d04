using Collab.Protocol;
using Microsoft.Extensions.Options;

namespace Collab.Client;

/// <summary>What the attributes of the options say.</summary>
[OptionsValidator]
internal sealed partial class CollabClientOptionsAttributes : IValidateOptions<CollabClientOptions>;

/// <summary>All that is wrong with the options, at once.</summary>
internal sealed class CollabClientOptionsRules : IValidateOptions<CollabClientOptions>
{
    private static readonly CollabClientOptionsAttributes Attributes = new();

    public ValidateOptionsResult Validate(string? name, CollabClientOptions options)
    {
        var result = new ValidateOptionsResultBuilder();
        result.AddResult(Attributes.Validate(name, options));
        if (options.BaseAddress is { } address && !(address.IsAbsoluteUri && address.Scheme is "http" or "https"))
        {
            result.AddError($"It must be an absolute http or https address, not '{address}'.", nameof(CollabClientOptions.BaseAddress));
        }
        if (options.QueueFolder is { } folder && string.IsNullOrWhiteSpace(folder))
        {
            result.AddError("It must be a path. Leave it out to keep what waits in memory only.", nameof(CollabClientOptions.QueueFolder));
        }
        foreach (var problem in options.SigningKeys.Select(SigningKeys.Problem).OfType<string>())
            result.AddError($"Each {problem}", nameof(CollabClientOptions.SigningKeys));
        var least = TimeSpan.FromMilliseconds(100);
        Check(options.PollInterval, least, TimeSpan.FromHours(1), nameof(CollabClientOptions.PollInterval), result);
        Check(options.PingInterval, TimeSpan.FromSeconds(1), TimeSpan.FromMinutes(10), nameof(CollabClientOptions.PingInterval), result);
        return result.Build();
    }

    /// <exception cref="OptionsValidationException">Something is wrong with them.</exception>
    public static CollabClientOptions Checked(CollabClientOptions options)
    {
        var result = new CollabClientOptionsRules().Validate(null, options);
        return result.Failed
            ? throw new OptionsValidationException(nameof(CollabClientOptions), typeof(CollabClientOptions), result.Failures)
            : options;
    }

    /// <summary>The attribute for a range of times needs what trimming takes away.</summary>
    private static void Check(TimeSpan value, TimeSpan least, TimeSpan most, string name, ValidateOptionsResultBuilder result)
    {
        if (value < least || value > most) result.AddError($"It must be between {least} and {most}, not {value}.", name);
    }
}
