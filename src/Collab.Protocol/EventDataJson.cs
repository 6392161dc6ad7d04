using System.Diagnostics.CodeAnalysis;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace Collab.Protocol;

/// <summary>How an event's data becomes an object: camelCase, and what a type requires must be there.</summary>
internal static class EventDataJson
{
    private static JsonSerializerOptions? _options;

    public static JsonSerializerOptions Options
    {
        [RequiresUnreferencedCode("Reads the type by reflection.")]
        [RequiresDynamicCode("Reads the type by reflection.")]
        get => _options ??= new(JsonSerializerDefaults.Web)
        {
            RespectNullableAnnotations = true,
            RespectRequiredConstructorParameters = true,
            TypeInfoResolver = new DefaultJsonTypeInfoResolver(),
        };
    }
}
