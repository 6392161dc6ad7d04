using System.Collections;
using System.Collections.Concurrent;
using System.ComponentModel.DataAnnotations;
using System.Globalization;
using System.Text.Json.Serialization.Metadata;

namespace Collab.AspNetCore.Events;

/// <summary>
/// Checks what <see cref="ValidationAttribute"/>s and <see cref="IValidatableObject"/> say of an object and of all that it holds. .NET's
/// own validator looks at one object, and only at its properties: here attributes on a record's parameters count too, and the place is told
/// as a JSON path.
/// </summary>
internal sealed class DataAnnotations(JsonTypeInfo root)
{
    private readonly ConcurrentDictionary<Type, Rules> _rules = new();

    /// <summary>The first thing that is wrong, a sentence that begins with the JSON path; null: nothing.</summary>
    public string? Check(object value) => Check(value, root.Type, "$");

    private string? Check(object value, Type type, string path)
    {
        var rules = _rules.GetOrAdd(type, RulesOf);
        if (rules.IsEmpty) return null;
        foreach (var property in rules.Properties)
        {
            var held = property.Get(value);
            if (Violation(property.Attributes, held, value, property.Name) is { } problem) return $"{path}.{property.Name}: {problem}";
            if (held is not null && property.Inner is { } inner && Check(held, inner, $"{path}.{property.Name}") is { } deeper)
                return deeper;
        }
        if (rules.Element is { } element && CheckElements((IEnumerable)value, element, path) is { } inElement) return inElement;
        if (Violation(rules.Attributes, value, value, type.Name) is { } wrong) return $"{path}: {wrong}";
        return value is IValidatableObject own ? CheckItself(own, path) : null;
    }

    private string? CheckElements(IEnumerable elements, Type type, string path)
    {
        if (elements is IDictionary dictionary)
        {
            foreach (DictionaryEntry entry in dictionary)
                if (entry.Value is not null && Check(entry.Value, type, $"{path}['{entry.Key}']") is { } problem) return problem;
            return null;
        }
        var index = 0;
        foreach (var element in elements)
        {
            if (element is not null && Check(element, type, string.Create(CultureInfo.InvariantCulture, $"{path}[{index}]")) is { } problem)
                return problem;
            index++;
        }
        return null;
    }

    private static string? Violation(ValidationAttribute[] attributes, object? value, object owner, string name)
    {
        if (attributes.Length == 0) return null;
        var context = new ValidationContext(owner) { MemberName = name, DisplayName = name };
        foreach (var attribute in attributes)
            if (attribute.GetValidationResult(value, context) is { } result) return result.ErrorMessage ?? "is not valid.";
        return null;
    }

    private static string? CheckItself(IValidatableObject value, string path)
    {
        foreach (var result in value.Validate(new(value)))
            if (result != ValidationResult.Success) return $"{path}: {result.ErrorMessage}";
        return null;
    }

    private Rules RulesOf(Type type) => RulesOf(type, []);

    /// <param name="type">Of an object or a collection.</param>
    /// <param name="above">What it is part of: of a type that holds itself, the rules are found where they are needed.</param>
    private Rules RulesOf(Type type, HashSet<Type> above)
    {
        var json = root.Options.GetTypeInfo(type);
        var element = json.Kind is JsonTypeInfoKind.Enumerable or JsonTypeInfoKind.Dictionary && HasRules(json.ElementType, above)
            ? json.ElementType
            : null;
        var properties = json.Kind != JsonTypeInfoKind.Object ? [] : json.Properties
            .Where(p => p.Get is not null)
            .Select(p => new Property(p.Name, p.Get!, AttributesOf(p), HasRules(p.PropertyType, above) ? p.PropertyType : null))
            .Where(p => p.Attributes.Length > 0 || p.Inner is not null);
        return new(
            [.. properties], element, [.. type.GetCustomAttributes(typeof(ValidationAttribute), inherit: true).Cast<ValidationAttribute>()],
            typeof(IValidatableObject).IsAssignableFrom(type));
    }

    private bool HasRules(Type? type, HashSet<Type> above)
    {
        if (type is null || root.Options.GetTypeInfo(type).Kind == JsonTypeInfoKind.None) return false;
        if (!above.Add(type)) return true;
        var any = !RulesOf(type, above).IsEmpty;
        above.Remove(type);
        return any;
    }

    private static ValidationAttribute[] AttributesOf(JsonPropertyInfo property) =>
    [
        .. (property.AttributeProvider?.GetCustomAttributes(typeof(ValidationAttribute), inherit: true) ?? []).Cast<ValidationAttribute>(),
        .. (property.AssociatedParameter?.AttributeProvider?.GetCustomAttributes(typeof(ValidationAttribute), inherit: true) ?? [])
            .Cast<ValidationAttribute>(),
    ];

    private sealed record Property(string Name, Func<object, object?> Get, ValidationAttribute[] Attributes, Type? Inner);

    private sealed record Rules(Property[] Properties, Type? Element, ValidationAttribute[] Attributes, bool ChecksItself)
    {
        public bool IsEmpty => Properties.Length == 0 && Element is null && Attributes.Length == 0 && !ChecksItself;
    }
}
