using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Collab.Client;
using Collab.Hostile.Inputs;
using Collab.TestKit;
using Microsoft.Extensions.Logging.Abstractions;

namespace Collab.Hostile.Kinds;

/// <summary>
/// Files in which the .NET client keeps what waits: whatever they hold, what makes sense is taken and can be kept and sent again, and the
/// rest is passed over.
/// </summary>
internal sealed class QueueKind : Kind
{
    private static readonly Guid Run = Guid.Parse("aaaaaaaa-0000-4000-8000-00000000f00d");

    private static readonly IReadOnlyList<byte[]> Lines = Corpus.Texts("queue.jsonl");

    private readonly TemporaryFolder _folder = new("queues");

    public override string Name => "queue-files";

    protected override Task TryAsync(long first, int count)
    {
        for (var index = first; index < first + count; index++)
        {
            var mutator = MutatorOf(index);
            byte[] file = [.. Enumerable.Range(0, mutator.Random.Next(1, 4)).SelectMany(_ => (byte[])[.. mutator.Mutate(Lines, asJson: true), (byte)'\n'])];
            if (mutator.Chance(0.2)) file = mutator.ChangeBytes(file, Lines);
            Found(index, Take(file));
        }
        return Task.CompletedTask;
    }

    public override ValueTask DisposeAsync()
    {
        _folder.Dispose();
        return base.DisposeAsync();
    }

    private string? Take(byte[] file)
    {
        var name = $"{Run:N}-{Convert.ToHexStringLower(SHA256.HashData("alice"u8))[..16]}-{Guid.NewGuid():N}.queue";
        File.WriteAllBytes(_folder[name], file);
        var queue = new QueueFile(_folder.Path, Run, "alice", NullLogger.Instance);
        try
        {
            KeptSend[] taken = [];
            queue.Adopt(sends => taken = [.. sends]);
            var pending = taken.Select(send => send.ToPending()).ToArray();
            queue.Save(pending.Select(KeptSend.Of));
            queue.Release();

            var again = new QueueFile(_folder.Path, Run, "alice", NullLogger.Instance);
            KeptSend[] kept = [];
            again.Adopt(sends => kept = [.. sends]);
            again.Save([]);
            again.Release();
            if (!kept.Select(Text).SequenceEqual(taken.Select(Text), StringComparer.Ordinal)) return $"{taken.Length} sends were taken, and {kept.Length} kept again: {Encoding.UTF8.GetString(file)}";
            return Directory.EnumerateFiles(_folder.Path).Any() ? "a file stays behind" : null;
        }
        catch (Exception e)
        {
            return $"{e}: {Encoding.UTF8.GetString(file)}";
        }
        finally
        {
            queue.Release();
            foreach (var left in Directory.EnumerateFiles(_folder.Path)) File.Delete(left);
        }
    }

    private static string Text(KeptSend send) => FormattableString.Invariant($"{send.MessageId} {send.EventType} {JsonSerializer.Serialize(send.Data)} {send.CreatedAt}");
}
