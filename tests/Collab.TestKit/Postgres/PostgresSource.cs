namespace Collab.TestKit;

/// <summary>Where the tests' PostgreSQL comes from.</summary>
internal enum PostgresKind
{
    /// <summary>A server that runs already; a connection string says where.</summary>
    Existing,

    /// <summary>A cluster of this machine's own programs.</summary>
    Local,

    /// <summary>A container.</summary>
    Container,
}

/// <summary>Chooses where the tests' PostgreSQL comes from.</summary>
internal static class PostgresSource
{
    /// <summary>A connection string, or <see cref="InContainer"/>.</summary>
    public const string Variable = "COLLAB_TEST_POSTGRES";

    private const string InContainer = "container";

    /// <summary>What a test gets.</summary>
    /// <param name="setting">The value of <see cref="Variable"/>, if it has one.</param>
    /// <param name="hasPrograms">This machine has PostgreSQL's programs.</param>
    /// <param name="alone">The test stops or kills its server: it never gets one that was there before.</param>
    public static PostgresKind Choose(string? setting, bool hasPrograms, bool alone)
    {
        if (string.Equals(setting, InContainer, StringComparison.OrdinalIgnoreCase)) return PostgresKind.Container;
        if (!alone && !string.IsNullOrEmpty(setting)) return PostgresKind.Existing;
        return hasPrograms ? PostgresKind.Local : PostgresKind.Container;
    }
}
