using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Microsoft.Extensions.Logging;

namespace Collab.Client;

/// <summary>
/// Keeps the sends of one connection where the next process finds them: a file of lines, replaced as a whole. Connections of the same user and run never
/// share a file: each has one of its own beside a lock, which the system gives up when the process ends, however it ends. A file whose lock is free is
/// adopted by whoever sees it. Two that should adopt the same one do no harm: both send the same message ids, and the server stores each once.
/// </summary>
internal sealed class QueueFile(string folder, Guid runId, string userId, ILogger logger)
{
    private const string QueueExtension = ".queue";

    private readonly string _prefix = $"{runId:N}-{Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(userId)))[..16]}-";
    private readonly string _owner = Guid.CreateVersion7().ToString("N");
    private FileStream? _lock;
    private bool _hasFailed;

    private string OwnFile => Path.Combine(folder, _prefix + _owner + QueueExtension);

    /// <summary>Keeps these instead of what was kept before.</summary>
    /// <returns>False if that is not possible now.</returns>
    public bool Save(IEnumerable<KeptSend> sends) => Quietly(() =>
    {
        var lines = sends.Select(send => JsonSerializer.Serialize(send, ClientJson.Default.KeptSend)).ToArray();
        if (lines.Length == 0)
        {
            File.Delete(OwnFile);
            return;
        }
        Directory.CreateDirectory(folder);
        _lock ??= TryLock(OwnFile);
        var draft = OwnFile + ".new";
        using (var writer = new StreamWriter(draft, NewFile()))
        {
            foreach (var line in lines) writer.WriteLine(line);
        }
        File.Move(draft, OwnFile, overwrite: true);
    });

    /// <summary>Takes over what connections that have ended left behind. It is forgotten only when <paramref name="keep"/> has saved it.</summary>
    public void Adopt(Func<IReadOnlyList<KeptSend>, bool> keep) => Quietly(() =>
    {
        if (!Directory.Exists(folder)) return;
        var files = Directory.GetFiles(folder, _prefix + "*" + QueueExtension).Where(file => file != OwnFile);
        var orphans = files.Select(file => (File: file, Lock: TryLock(file))).Where(orphan => orphan.Lock is not null).ToArray();
        try
        {
            var queues = orphans.Where(orphan => File.Exists(orphan.File)).Select(orphan => Read(orphan.File)).OrderBy(queue => queue.FirstOrDefault()?.CreatedAt);
            var sends = queues.SelectMany(queue => queue).ToArray();
            if (sends.Length > 0 && !keep(sends)) return;
            foreach (var (file, _) in orphans) File.Delete(file);
        }
        finally
        {
            foreach (var (_, taken) in orphans) taken?.Dispose();
        }
    });

    /// <summary>This connection ends: others can have its queue.</summary>
    public void Release()
    {
        _lock?.Dispose();
        _lock = null;
    }

    private static KeptSend[] Read(string file) => [.. File.ReadLines(file).Select(KeptSend.Parse).OfType<KeptSend>()];

    private static FileStreamOptions NewFile()
    {
        var options = new FileStreamOptions { Mode = FileMode.Create, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows()) options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        return options;
    }

    /// <summary>The lock of a queue's file; null if somebody has it.</summary>
    private static FileStream? TryLock(string file)
    {
        try
        {
            return new FileStream(file + ".lock", FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None, 1, FileOptions.DeleteOnClose);
        }
        catch (IOException)
        {
            return null;
        }
    }

    /// <summary>A full or forbidden disk means that nothing is kept, not that nothing works.</summary>
    private bool Quietly(Action action)
    {
        try
        {
            action();
            _hasFailed = false;
            return true;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            if (!_hasFailed) logger.NotKept(e, runId, OwnFile);
            _hasFailed = true;
            return false;
        }
    }
}
