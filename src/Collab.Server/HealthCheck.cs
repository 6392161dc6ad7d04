using System.Net;
using Collab.AspNetCore;

namespace Collab.Server;

/// <summary>
/// <c>healthcheck</c>: asks the server that runs beside it, with the same configuration, whether it is ready. For containers, whose image
/// has no other program.
/// </summary>
internal static class HealthCheck
{
    private const string Command = "healthcheck";
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    public static bool IsOne(string argument) => argument is Command;

    /// <returns>The exit code: 0 if the server is ready.</returns>
    public static async Task<int> RunAsync(IConfiguration configuration)
    {
        var address = new Uri(AddressOf(configuration), "/health/ready");
        try
        {
            using var http = new HttpClient(new SocketsHttpHandler { UseProxy = false }) { Timeout = Patience };
            using var answer = await http.GetAsync(address);
            if (answer.StatusCode == HttpStatusCode.OK) return 0;
            await Console.Error.WriteLineAsync($"{address}: {(int)answer.StatusCode} {await answer.Content.ReadAsStringAsync()}");
        }
        catch (Exception e) when (e is HttpRequestException or TaskCanceledException)
        {
            await Console.Error.WriteLineAsync($"{address}: {e.Message}");
        }
        return 1;
    }

    /// <summary>Where the server listens, seen from its own machine.</summary>
    private static Uri AddressOf(IConfiguration configuration)
    {
        var urls = ListenAddresses.Of(configuration);
        var plain = Array.Find(urls, url => url.StartsWith("http:", StringComparison.OrdinalIgnoreCase));
        var binding = BindingAddress.Parse(plain ?? ListenAddresses.Default);
        var host = binding.Host is "*" or "+" or "0.0.0.0" or "[::]" ? "localhost" : binding.Host;
        return new UriBuilder(binding.Scheme, host, binding.Port).Uri;
    }
}
