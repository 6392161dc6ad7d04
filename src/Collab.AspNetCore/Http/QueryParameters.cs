using System.Collections.Frozen;
using System.Globalization;
using System.Reflection;
using Collab.AspNetCore.Refusals;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Primitives;

namespace Collab.AspNetCore.Http;

/// <summary>
/// Reads an endpoint's query before the framework does, which would refuse <c>?afterSequence=</c> and could not say which parameter is
/// wrong. An empty value counts as absent, and a refusal names its parameter.
/// </summary>
internal sealed class QueryParameters
{
    private const string WholeNumber = "a whole number";

    private readonly FrozenDictionary<string, (string Name, string Expected, Func<string, bool> IsRight)> _typed;

    private QueryParameters(EndpointBuilder endpoint)
    {
        var inPath = (endpoint as RouteEndpointBuilder)?.RoutePattern.Parameters.Select(p => p.Name) ?? [];
        var handler = endpoint.Metadata.OfType<MethodInfo>().FirstOrDefault();
        _typed = (from parameter in handler?.GetParameters() ?? []
                  where !inPath.Contains(parameter.Name, StringComparer.OrdinalIgnoreCase)
                  let kind = KindOf(parameter.ParameterType)
                  where kind is not null
                  select (parameter.Name!, kind.Value.Expected, kind.Value.IsRight))
            .ToFrozenDictionary(p => p.Item1, StringComparer.OrdinalIgnoreCase);
    }

    /// <summary>Puts the check in front of endpoints.</summary>
    public static TBuilder Check<TBuilder>(TBuilder endpoints)
        where TBuilder : IEndpointConventionBuilder
    {
        endpoints.Finally(endpoint =>
        {
            var parameters = new QueryParameters(endpoint);
            var next = endpoint.RequestDelegate!;
            endpoint.RequestDelegate = http => parameters.Refusal(http.Request) is { } refusal ? refusal.ExecuteAsync(http) : next(http);
        });
        return endpoints;
    }

    private Problem? Refusal(HttpRequest request)
    {
        if (!request.QueryString.HasValue) return null;
        var isAnyEmpty = false;
        foreach (var (name, values) in request.Query)
        {
            isAnyEmpty |= values.Contains("");
            if (!_typed.TryGetValue(name, out var parameter)) continue;
            var value = values.Where(v => v is { Length: > 0 }).ToArray();
            if (value.Length > 1) return Problem.From(RefusedException.Invalid($"{parameter.Name} must be given once."));
            if (value.Length == 1 && !parameter.IsRight(value[0]!))
                return Problem.From(RefusedException.Invalid($"{parameter.Name} must be {parameter.Expected}."));
        }
        if (isAnyEmpty) request.Query = WithoutEmpty(request.Query);
        return null;
    }

    private static QueryCollection WithoutEmpty(IQueryCollection query) => new(query
        .Select(p => KeyValuePair.Create(p.Key, new StringValues([.. p.Value.Where(v => v is { Length: > 0 })])))
        .Where(p => p.Value.Count > 0).ToDictionary(StringComparer.OrdinalIgnoreCase));

    /// <summary>What values of a type look like. Null: any will do, or it is none of a query.</summary>
    private static (string Expected, Func<string, bool> IsRight)? KindOf(Type type)
    {
        if (type == typeof(long?)) return (WholeNumber, v => long.TryParse(v, NumberStyles.Integer, CultureInfo.InvariantCulture, out _));
        if (type == typeof(int?)) return (WholeNumber, v => int.TryParse(v, NumberStyles.Integer, CultureInfo.InvariantCulture, out _));
        if (type == typeof(bool?)) return ("true or false", v => bool.TryParse(v, out _));
        if (type == typeof(DateTimeOffset?))
        {
            return ("a time in ISO 8601 such as 2026-03-01T12:00:00Z, with a + written as %2B",
                v => v is [_, _, _, _, '-', _, _, '-', ..]
                    && DateTimeOffset.TryParse(v, CultureInfo.InvariantCulture, DateTimeStyles.None, out _));
        }
        return null;
    }
}
