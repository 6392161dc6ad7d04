using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;
using Collab.Protocol;

namespace Collab.AspNetCore.Events;

/// <summary>The CLR type of an event's data, and how JSON becomes one.</summary>
internal abstract class TypedData(JsonTypeInfo json)
{
    /// <summary>What is read here goes on to every client as it came: a number is a number, and a name is written as it is meant.</summary>
    private static readonly JsonSerializerOptions Strict = new(EventDataJson.Options)
    {
        NumberHandling = JsonNumberHandling.Strict,
        PropertyNameCaseInsensitive = false,
        TypeInfoResolver = new DefaultJsonTypeInfoResolver(),
    };

    /// <summary>The CLR type.</summary>
    public Type Type => json.Type;

    /// <summary>How it is read and written.</summary>
    public JsonTypeInfo Json => json;

    /// <exception cref="NotSupportedException">No JSON can become such a type.</exception>
    public static TypedData<T> Of<T>(JsonTypeInfo<T>? json)
    {
        var data = new TypedData<T>(json ?? (JsonTypeInfo<T>)Strict.GetTypeInfo(typeof(T)));
        // What System.Text.Json cannot make it says when it is first asked to.
        data.Check("{}"u8);
        return data;
    }

    /// <summary>What keeps the data from being of this type, a sentence that begins with the JSON path; null: nothing.</summary>
    public abstract string? Check(ReadOnlySpan<byte> data);
}

internal sealed class TypedData<T>(JsonTypeInfo<T> json) : TypedData(json)
{
    private readonly DataAnnotations _rules = new(json);

    public override string? Check(ReadOnlySpan<byte> data)
    {
        try
        {
            return JsonSerializer.Deserialize(data, json) is { } value ? _rules.Check(value) : "$ must not be null.";
        }
        catch (JsonException e)
        {
            return Misfit.Describe(data, json, e.Path ?? "$");
        }
        catch (Exception e) when (e is ArgumentException or FormatException
            or OverflowException or ArithmeticException or InvalidOperationException)
        {
            // Said by a constructor or a setter of the application's type.
            return $"$ cannot become a {typeof(T).Name}.";
        }
    }
}
