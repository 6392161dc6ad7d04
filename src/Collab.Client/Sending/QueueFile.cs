using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Microsoft.Extensions.Logging;

namespace Collab.Client;

/// <summary>
/// Keeps the sends of one connection where the next process finds them: a file of lines, replaced as a whole. Connections of the same user
/// and run never share a file: each has one of its own beside a lock, which the system gives up when the process ends, however it ends. A
/// file whose lock is free is adopted by the first connection that sees it. Two that should adopt the same one do no harm: both send the
/// same message ids, and the server stores each once.
/// </summary>
internal sealed class QueueFile(string folder, Guid runId, string userId, ILogger logger)
{
    private const string QueueExtension = ".queue";

    private readonly string _prefix = $"{runId:N}-{Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(userId)))[..16]}-";
    private readonly string _owner = Guid.CreateVersion7().ToString("N");

    /// <summary>Queues that have been taken over, and are still there because what is left of them has not been saved yet.</summary>
    private readonly Stack<(string File, FileStream Lock)> _taken = [];
    private FileStream? _lock;
    private bool _hasFailed;

    private string OwnFile => Path.Combine(folder, _prefix + _owner + QueueExtension);

    /// <summary>Keeps these instead of what was kept before.</summary>
    public void Save(IEnumerable<KeptSend> sends) => Quietly(() =>
    {
        Write(sends);
        while (_taken.TryPeek(out var queue))
        {
            File.Delete(queue.File);
            _taken.Pop().Lock.Dispose();
        }
    });

    /// <summary>
    /// Takes over, once, what connections that have ended left behind. It is forgotten when the queue that it has become part of is saved,
    /// for which the disk may have no room before some of it has been sent.
    /// </summary>
    public void Adopt(Action<IReadOnlyList<KeptSend>> take) => Quietly(() =>
    {
        if (!Directory.Exists(folder)) return;
        List<KeptSend[]> queues = [];
        foreach (var file in Directory.GetFiles(folder, _prefix + "*" + QueueExtension).Where(file => file != OwnFile))
        {
            Quietly(() => queues.Add(TakeFrom(file)));
        }
        var sends = queues.OrderBy(queue => queue.FirstOrDefault()?.CreatedAt).SelectMany(queue => queue).ToArray();
        if (sends.Length > 0) take(sends);
    });

    /// <summary>This connection ends: others can have its queue.</summary>
    public void Release()
    {
        _lock?.Dispose();
        _lock = null;
        while (_taken.TryPop(out var queue)) queue.Lock.Dispose();
    }

    private static KeptSend[] Read(string file) => [.. File.ReadLines(file).Select(KeptSend.Parse).OfType<KeptSend>()];

    private static FileStreamOptions NewFile()
    {
        var options = new FileStreamOptions { Mode = FileMode.Create, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows()) options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        return options;
    }

    /// <summary>The lock of a queue's file; null if it is taken.</summary>
    private static FileStream? TryLock(string file)
    {
        try
        {
            var path = file + ".lock";
            return new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None, 1, FileOptions.DeleteOnClose);
        }
        catch (IOException)
        {
            return null;
        }
    }

    private void Write(IEnumerable<KeptSend> sends)
    {
        var lines = sends.Select(send => JsonSerializer.Serialize(send, ClientJson.Default.KeptSend)).ToArray();
        if (lines.Length == 0)
        {
            // The folder may not have been made yet.
            if (File.Exists(OwnFile)) File.Delete(OwnFile);
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
    }

    /// <summary>What a connection that has ended left in a file. If it is anything, no other has it from here on.</summary>
    private KeptSend[] TakeFrom(string file)
    {
        if (TryLock(file) is not { } taken) return [];
        KeptSend[] sends = [];
        try
        {
            if (File.Exists(file)) sends = Read(file);
            if (sends.Length == 0) File.Delete(file);
            return sends;
        }
        finally
        {
            if (sends.Length > 0) _taken.Push((file, taken));
            else taken.Dispose();
        }
    }

    /// <summary>A full or forbidden disk means that nothing is kept, not that nothing works.</summary>
    private void Quietly(Action action)
    {
        try
        {
            action();
            _hasFailed = false;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException or NotSupportedException)
        {
            if (!_hasFailed) logger.NotKept(e, runId, OwnFile);
            _hasFailed = true;
        }
    }
}
