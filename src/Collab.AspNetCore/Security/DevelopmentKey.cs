using System.Security.Cryptography;
using Microsoft.Extensions.Options;

namespace Collab.AspNetCore.Security;

/// <summary>
/// The key for development tokens, made on first use and kept in a file beside the SQLite store, so that a token outlives a restart.
/// Only read where <see cref="UnprotectedStartRule"/> has let the server start without a configured key.
/// </summary>
internal sealed class DevelopmentKey(IOptions<CollabOptions> options)
{
    private const int KeyBytes = 32;

    private readonly Lazy<byte[]> _bytes = new(() => ReadOrMake(options.Value.Store.Path));

    public byte[] Bytes => _bytes.Value;

    private static byte[] ReadOrMake(string storePath)
    {
        var folder = Path.GetDirectoryName(Path.GetFullPath(storePath))!;
        var file = Path.Combine(folder, "development-tokens.key");
        if (File.Exists(file) && File.ReadAllBytes(file) is { Length: KeyBytes } kept) return kept;
        var made = RandomNumberGenerator.GetBytes(KeyBytes);
        Directory.CreateDirectory(folder);
        var access = new FileStreamOptions { Mode = FileMode.Create, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows()) access.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        using var stream = new FileStream(file, access);
        stream.Write(made);
        return made;
    }
}
