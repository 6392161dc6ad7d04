using System.Collections;
using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using System.Globalization;
using System.Reflection;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Options;

namespace Collab.AspNetCore;

/// <summary>
/// Reads section <c>Collab</c> into <see cref="CollabOptions"/>. The framework's binder stops at the first value that it cannot convert;
/// this one notes every bad key, and the validator reports them together.
/// </summary>
internal sealed class CollabOptionsBinder(IConfiguration configuration) : IConfigureOptions<CollabOptions>, IValidateOptions<CollabOptions>
{
    private readonly List<string> _unreadable = [];

    public void Configure(CollabOptions options)
    {
        _unreadable.Clear();
        Read(configuration.GetSection("Collab"), options);
        options.Store.ConnectionString ??= configuration.GetConnectionString("Collab");
        // A configuration that names a PostgreSQL server wants it used; no second setting for that.
        if (options.Store.ConnectionString is not null && configuration["Collab:Store:Provider"] is null)
            options.Store.Provider = StoreProvider.Postgres;
    }

    public ValidateOptionsResult Validate(string? name, CollabOptions options)
    {
        var errors = new List<string>(_unreadable);
        CheckRanges("Collab", options, errors);
        errors.AddRange(CollabOptionsRules.Check(options));
        return errors.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(errors);
    }

    private void Read(IConfigurationSection section, object target)
    {
        _unreadable.AddRange(UnknownKeys.In(section, target));
        foreach (var property in target.GetType().GetProperties())
        {
            var child = section.GetSection(property.Name);
            if (!child.Exists()) continue;
            switch (property.GetValue(target))
            {
                case IDictionary<string, EventTypeOptions> types:
                    foreach (var type in child.GetChildren()) types[type.Key] = ReadEventType(type);
                    break;
                case IList<string> list:
                    foreach (var value in Values(child)) list.Add(value);
                    break;
                case var nested when !property.CanWrite:
                    Read(child, nested!);
                    break;
                default:
                    if (TryConvert(child, property.PropertyType, out var converted)) property.SetValue(target, converted);
                    break;
            }
        }
    }

    /// <summary>The kind alone is a value: <c>COMMENT=Critical</c>. With more to say it is a key, <c>COMMENT:Kind=Critical</c>.</summary>
    private EventTypeOptions ReadEventType(IConfigurationSection section)
    {
        var type = new EventTypeOptions();
        if (section.GetChildren().Any()) Read(section, type);
        if (section.Value is not null && TryConvert(section, typeof(EventKind), out var kind)) type.Kind = (EventKind)kind!;
        return type;
    }

    /// <summary>A list can be indexed (<c>Origins:0</c>) or one value with commas, which is easier in an environment variable.</summary>
    private static IEnumerable<string> Values(IConfigurationSection section) => section.Value is { } all
        ? all.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)
        : section.GetChildren().Select(c => c.Value ?? "");

    private bool TryConvert(IConfigurationSection section, Type type, out object? value)
    {
        value = null;
        try
        {
            var converter = TypeDescriptor.GetConverter(Nullable.GetUnderlyingType(type) ?? type);
            value = converter.ConvertFromString(null, CultureInfo.InvariantCulture, section.Value ?? "");
            if (value is not Enum || Enum.IsDefined(value.GetType(), value)) return true;
        }
        catch (Exception e) when (e is ArgumentException or FormatException or NotSupportedException)
        {
            // Reported below, together with every other bad key.
        }
        _unreadable.Add($"{section.Path}: '{section.Value}' is not {Expected(type)}.");
        return false;
    }

    private static string Expected(Type type) => type.IsEnum ? $"one of {string.Join(", ", Enum.GetNames(type))}"
        : type == typeof(bool) ? "true or false"
        : type == typeof(int) || type == typeof(long) ? "a whole number"
        : $"a {type.Name}";

    private static void CheckRanges(string path, object options, List<string> errors)
    {
        foreach (var property in options.GetType().GetProperties())
        {
            var key = $"{path}:{property.Name}";
            var value = property.GetValue(options);
            foreach (var rule in property.GetCustomAttributes<ValidationAttribute>().Where(rule => !rule.IsValid(value)))
            {
                errors.Add(rule is RangeAttribute range
                    ? $"{key}: must be from {range.Minimum} to {range.Maximum}, not {value}."
                    : $"{key}: {rule.ErrorMessage}.");
            }
            if (!property.CanWrite && value is not null and not IEnumerable) CheckRanges(key, value, errors);
        }
    }
}
