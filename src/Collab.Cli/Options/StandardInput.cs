namespace Collab.Cli.Options;

/// <summary>What <c>-</c> stands for.</summary>
internal static class StandardInput
{
    /// <summary>All of it, as text.</summary>
    /// <exception cref="UsageException">It cannot be read.</exception>
    public static string Read() => Read(Console.In.ReadToEnd);

    /// <summary>All of it, as it is.</summary>
    /// <exception cref="UsageException">It cannot be read.</exception>
    public static byte[] ReadBytes() => Read(() =>
    {
        using var input = Console.OpenStandardInput();
        using var all = new MemoryStream();
        input.CopyTo(all);
        return all.ToArray();
    });

    private static T Read<T>(Func<T> read)
    {
        try
        {
            return read();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new UsageException($"Standard input cannot be read: {(e.InnerException ?? e).Message.TrimEnd('.')}.");
        }
    }
}
