using System.Globalization;
using System.Text.Json;
using System.Text.RegularExpressions;
using Collab.TestKit;

namespace Collab.OperationsTests.Prometheus;

/// <summary>A Prometheus with the repository's own configuration and rules, but in a hurry: it scrapes every second, and alerts wait for nothing.</summary>
internal sealed partial class PrometheusServer : IAsyncDisposable
{
    private readonly TemporaryFolder _folder = new("prometheus");
    private ChildProcess? _process;
    private HttpClient? _http;

    private PrometheusServer()
    {
    }

    /// <summary>Starts one that scrapes a server.</summary>
    /// <param name="target">The server's address.</param>
    /// <returns>Completes when it answers.</returns>
    public static async Task<PrometheusServer> StartAsync(Uri target)
    {
        var prometheus = new PrometheusServer();
        try
        {
            await prometheus.ConfigureAsync(target);
            await prometheus.RunAsync();
            return prometheus;
        }
        catch
        {
            await prometheus.DisposeAsync();
            throw;
        }
    }

    /// <summary>Evaluates an expression now.</summary>
    /// <exception cref="InvalidOperationException">Prometheus does not accept it.</exception>
    public async Task<Series[]> QueryAsync(string expression)
    {
        using var form = new FormUrlEncodedContent([KeyValuePair.Create("query", expression)]);
        using var response = await Http.PostAsync(new Uri("api/v1/query", UriKind.Relative), form);
        var data = DataOf(await response.Content.ReadAsStringAsync(), expression);
        return [.. data.GetProperty("result").EnumerateArray().Select(Series.Parse)];
    }

    /// <summary>The one value of an expression; null if it has none.</summary>
    public async Task<double?> ValueAsync(string expression) => (await QueryAsync(expression)) is [var only] ? only.Value : null;

    /// <summary>Gets anything else of the API.</summary>
    /// <param name="path">After <c>api/v1/</c>.</param>
    /// <returns>What is in <c>data</c>.</returns>
    public async Task<JsonElement> GetAsync(string path) => DataOf(await Http.GetStringAsync(new Uri($"api/v1/{path}", UriKind.Relative)), path);

    /// <summary>The names of all metrics that it has seen.</summary>
    public async Task<string[]> MetricsAsync() => [.. (await GetAsync("label/__name__/values")).EnumerateArray().Select(n => n.GetString()!)];

    /// <summary>Every alert rule with its state.</summary>
    public async Task<JsonElement[]> AlertsAsync() =>
        [.. (await GetAsync("rules?type=alert")).GetProperty("groups").EnumerateArray().SelectMany(g => g.GetProperty("rules").EnumerateArray())];

    /// <summary>The names of the alerts that are firing, in order.</summary>
    public async Task<string[]> FiringAsync() =>
        [.. (await AlertsAsync()).Where(a => a.GetProperty("state").GetString() == "firing").Select(a => a.GetProperty("name").GetString()!).Order(StringComparer.Ordinal)];

    public async ValueTask DisposeAsync()
    {
        if (_process is not null) await _process.DisposeAsync();
        _http?.Dispose();
        _folder.Dispose();
    }

    private HttpClient Http => _http ?? throw new InvalidOperationException("This Prometheus does not run.");

    private async Task ConfigureAsync(Uri target)
    {
        var configuration = await File.ReadAllTextAsync(OperationsFiles.PathOf("infra/prometheus/prometheus.yml"));
        configuration = Replace(Interval(), configuration, "${key}: 1s");
        configuration = Replace(Discovery(), configuration, string.Create(CultureInfo.InvariantCulture, $"    static_configs:\n      - targets: ['{target.Authority}']\n"));
        var alerts = await File.ReadAllTextAsync(OperationsFiles.PathOf("infra/prometheus/alerts.yml"));
        await File.WriteAllTextAsync(_folder["prometheus.yml"], configuration);
        await File.WriteAllTextAsync(_folder["alerts.yml"], Replace(Wait(), alerts, "for: 0s"));
    }

    private async Task RunAsync()
    {
        var address = string.Create(CultureInfo.InvariantCulture, $"127.0.0.1:{FreePort.Next()}");
        _process = ChildProcess.Start(PrometheusTools.Command(
            "prometheus", $"--config.file={_folder["prometheus.yml"]}", $"--storage.tsdb.path={_folder["data"]}", $"--web.listen-address={address}"));
        await _process.WaitForLineAsync(Ready());
        _http = new HttpClient { BaseAddress = new Uri($"http://{address}/"), Timeout = Patience.Default };
    }

    private static string Replace(Regex pattern, string text, string replacement) =>
        pattern.IsMatch(text) ? pattern.Replace(text, replacement) : throw new InvalidOperationException($"There is no `{pattern}` to replace in:\n{text}");

    private static JsonElement DataOf(string answer, string question)
    {
        var json = JsonElement.Parse(answer);
        return json.GetProperty("status").GetString() == "success" ? json.GetProperty("data") : throw new InvalidOperationException($"{question}: {answer}");
    }

    [GeneratedRegex(@"(?<key>(scrape|evaluation)_(interval|timeout)): \d+s", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Interval();

    [GeneratedRegex(@"^    dns_sd_configs:\n(      .*\n)+", RegexOptions.ExplicitCapture | RegexOptions.Multiline, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Discovery();

    [GeneratedRegex(@"\bfor: \d+m\b", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Wait();

    [GeneratedRegex("Server is ready to receive web requests", RegexOptions.None, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Ready();
}

/// <summary>One element of an instant vector.</summary>
/// <param name="Labels">Its labels.</param>
/// <param name="Value">Its value.</param>
internal sealed record Series(IReadOnlyDictionary<string, string> Labels, double Value)
{
    public static Series Parse(JsonElement json) => new(
        json.GetProperty("metric").EnumerateObject().ToDictionary(label => label.Name, label => label.Value.GetString()!),
        ParseValue(json.GetProperty("value")[1].GetString()!));

    private static double ParseValue(string text) => text switch
    {
        "+Inf" => double.PositiveInfinity,
        "-Inf" => double.NegativeInfinity,
        _ => double.Parse(text, CultureInfo.InvariantCulture),
    };
}
