namespace Collab.TestKit;

/// <summary>How to start a <see cref="ServerProcess"/>.</summary>
public sealed record ServerSettings
{
    private static readonly Dictionary<string, string?> Defaults = new(StringComparer.Ordinal)
    {
        ["Collab:Auth:SigningKey"] = TestTokens.Key,
        ["Collab:Drain:DelaySeconds"] = "0",
        ["Collab:Drain:OverSeconds"] = "0",
    };

    /// <summary>
    /// Configuration by key, <c>Collab:Store:Provider</c> for example. A null value leaves the key unset.
    /// Where it does not say otherwise the signing key is <see cref="TestTokens.Key"/>, without which the server starts only in Development,
    /// and a stop keeps nobody waiting.
    /// </summary>
    public IReadOnlyDictionary<string, string?> Configuration { get; init; } = new Dictionary<string, string?>();

    /// <summary>The name of the hosting environment.</summary>
    public string Environment { get; init; } = "Production";

    /// <summary>The folder of another build of the server; null: the one that these tests were built with.</summary>
    public string? Folder { get; init; }

    /// <summary>The project that is started, from the repository's root: the server, or an application that has one in it.</summary>
    public string Project { get; init; } = "src/Collab.Server";

    /// <summary>Further variables of the process's environment, such as a library that is loaded before others.</summary>
    public IReadOnlyDictionary<string, string> Variables { get; init; } = new Dictionary<string, string>();

    /// <summary>Whether starting waits until the server is ready, and not only until it listens.</summary>
    public bool WaitUntilReady { get; init; } = true;

    /// <summary>Settings that store in a PostgreSQL database.</summary>
    /// <param name="connectionString">From <see cref="PostgresServer.CreateDatabaseAsync"/>.</param>
    /// <param name="more">Further configuration.</param>
    public static ServerSettings ForPostgres(string connectionString, params IEnumerable<KeyValuePair<string, string?>> more) => new()
    {
        Configuration = new Dictionary<string, string?>(more)
        {
            ["Collab:Store:Provider"] = "Postgres",
            ["ConnectionStrings:Collab"] = connectionString,
        },
    };

    /// <summary>Writes the settings into a process's environment. What the tests' own environment says about Collab does not reach it.</summary>
    internal void ApplyTo(IDictionary<string, string?> environment)
    {
        foreach (var name in environment.Keys.Where(IsHostConfiguration).ToArray()) environment.Remove(name);

        environment["ASPNETCORE_ENVIRONMENT"] = Environment;
        // Another build may not know all of it.
        var defaults = Defaults.Where(d => Folder is null || !d.Key.StartsWith("Collab:Drain:", StringComparison.Ordinal));
        foreach (var (key, value) in defaults.Concat(Configuration))
        {
            var name = key.Replace(":", "__", StringComparison.Ordinal);
            if (value is null) environment.Remove(name);
            else environment[name] = value;
        }
        foreach (var (name, value) in Variables) environment[name] = value;
    }

    private static bool IsHostConfiguration(string name) =>
        name.StartsWith("Collab__", StringComparison.OrdinalIgnoreCase)
        || name.StartsWith("ConnectionStrings__", StringComparison.OrdinalIgnoreCase)
        || name.StartsWith("ASPNETCORE_", StringComparison.OrdinalIgnoreCase)
        || name is "DOTNET_ENVIRONMENT" or "URLS";
}
