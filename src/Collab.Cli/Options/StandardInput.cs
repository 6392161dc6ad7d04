namespace Collab.Cli.Options;

/// <summary>What <c>-</c> stands for.</summary>
internal static class StandardInput
{
    /// <summary>All of it.</summary>
    /// <exception cref="UsageException">It cannot be read.</exception>
    public static string Read()
    {
        try
        {
            return Console.In.ReadToEnd();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new UsageException($"Standard input cannot be read: {(e.InnerException ?? e).Message.TrimEnd('.')}.");
        }
    }
}
