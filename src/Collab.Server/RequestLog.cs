using Microsoft.AspNetCore.HttpLogging;

namespace Collab.Server;

/// <summary>
/// Requests in the log, at <c>Microsoft.AspNetCore=Information</c>: method, path, status and duration. ASP.NET Core's own lines have the
/// whole address, in which a WebSocket's access token stands.
/// </summary>
internal static class RequestLog
{
    private const string WithAddresses = "Microsoft.AspNetCore.Hosting.Diagnostics";

    public static void AddRequestLog(this WebApplicationBuilder builder)
    {
        builder.Services.AddHttpLogging(log =>
        {
            log.LoggingFields = HttpLoggingFields.RequestMethod | HttpLoggingFields.RequestPath
                | HttpLoggingFields.ResponseStatusCode | HttpLoggingFields.Duration;
            log.CombineLogs = true;
        });
        // For every provider that has levels of its own too: those come before a rule for all.
        builder.Services.PostConfigure<LoggerFilterOptions>(filters =>
        {
            foreach (var provider in filters.Rules.Select(rule => rule.ProviderName).Append(null).Distinct().ToArray())
                filters.Rules.Add(new(provider, WithAddresses, LogLevel.Warning, filter: null));
        });
    }
}
