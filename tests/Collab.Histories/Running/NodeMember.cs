using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using System.Threading.Channels;
using Collab.Histories.Recording;
using Collab.TestKit;
using static Collab.Histories.Running.Answers;

namespace Collab.Histories.Running;

/// <summary>
/// The TypeScript client, in a process of Node's: it is told on its standard input what to do, a line of JSON each, and tells on its
/// standard output what became of it and what it is shown (<c>Node/member.mjs</c>).
/// </summary>
internal sealed class NodeMember(MemberPlan plan, Stage stage) : Member(plan, stage)
{
    private static readonly Lazy<Task<string>> Script = new(BundleAsync);

    private readonly Channel<object> _words = Channel.CreateUnbounded<object>();
    private readonly Dictionary<int, TaskCompletionSource<JsonElement>> _asked = [];
    private readonly Lock _gate = new();
    private string[] _users = [];
    private Guid? _epochOfNode;
    private int _asks;

    public override IReadOnlyList<(string Observer, string[] Users)> Observations
    {
        get
        {
            lock (_gate) return [(Plan.Name, _users)];
        }
    }

    protected override Guid? Epoch
    {
        get
        {
            lock (_gate) return _epochOfNode;
        }
    }

    protected override bool IsGivenEachOnce => true;

    protected override async Task FollowAsync()
    {
        var start = new ProcessStartInfo("node", [await Script.Value])
        {
            UseShellExecute = false,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        using var node = Process.Start(start) ?? throw new InvalidOperationException("Node did not start.");
        try
        {
            var begin = new { url = Stage.Servers.Anywhere.ToString(), runId = Stage.RunId, token = Token };
            await node.StandardInput.WriteLineAsync(JsonSerializer.Serialize(begin));
            var (errors, telling) = (node.StandardError.ReadToEndAsync(), TellAsync(node.StandardInput));
            _ = Over.Token.Register(() => _words.Writer.TryComplete());
            while (await node.StandardOutput.ReadLineAsync() is { } line) Hear(JsonElement.Parse(line));
            if (!Over.IsCancellationRequested) throw new InvalidOperationException($"Node ended: {await errors}");
            await telling;
        }
        finally
        {
            if (!node.HasExited) node.Kill();
            lock (_gate)
            {
                foreach (var asked in _asked.Values) asked.TrySetCanceled();
            }
        }
    }

    protected override async Task<bool> AttemptAsync(Sent[] events, bool isBatch, bool atomic, int turn, int choice)
    {
        // It makes batches itself, of what waits.
        await Task.WhenAll(events.Select(SendAsync).ToArray());
        return true;
    }

    protected override void MoveCursor(string? nodeId) => _words.Writer.TryWrite(new { cursor = nodeId });

    /// <summary>Bundles the client's source and the script, beside the packages that it asks for while it runs.</summary>
    private static async Task<string> BundleAsync()
    {
        var web = Path.Combine(Repository.Root, "src", "web");
        var folder = Directory.CreateDirectory(Path.Combine(web, "node_modules", ".cache", "collab-histories")).FullName;
        var name = string.Create(CultureInfo.InvariantCulture, $"member-{Environment.ProcessId}.mjs");
        var esbuild = Path.Combine(web, "node_modules", ".bin", "esbuild");
        if (!File.Exists(esbuild)) throw new InvalidOperationException("The TypeScript client takes part in histories: run `npm ci` in src/web first.");
        await ChildProcess.RunAsync(new ProcessStartInfo(esbuild,
        [
            Path.Combine(Repository.Root, "tests", "Collab.Histories", "Node", "member.mjs"), "--bundle", "--platform=node", "--format=esm", "--log-level=error",
            $"--alias:@collab/client={Path.Combine(web, "client", "src", "index.ts")}",
            $"--alias:#socket={Path.Combine(web, "client", "src", "socket.node.ts")}", $"--outfile={Path.Combine(folder, name)}",
        ])
        { WorkingDirectory = web });
        // Those of many processes would pile up.
        var script = Path.Combine(folder, "member.mjs");
        File.Move(Path.Combine(folder, name), script, overwrite: true);
        return script;
    }

    private async Task TellAsync(StreamWriter input)
    {
        try
        {
            await foreach (var word in _words.Reader.ReadAllAsync())
            {
                await input.WriteLineAsync(JsonSerializer.Serialize(word));
                await input.FlushAsync();
            }
            input.Close();
        }
        catch (IOException)
        {
            // It has ended.
        }
    }

    private void Hear(JsonElement told)
    {
        if (told.TryGetProperty("number", out var number))
        {
            // This is how it says that events are gone; its snapshot says so too.
            if (number.GetInt64() > Highest + 1 && Stage.Servers.Keep > 0) Skip(Highest + 1, number.GetInt64() - 1);
            Take([(number.GetInt64(), told.GetProperty("messageId").GetGuid())], epoch: null);
        }
        lock (_gate)
        {
            if (told.TryGetProperty("users", out var users))
            {
                _users = [.. users.EnumerateArray().Select(u => u.GetString()!)];
                _epochOfNode = told.GetProperty("epoch") is { ValueKind: JsonValueKind.String } epoch ? epoch.GetGuid() : null;
            }
            if (told.TryGetProperty("asked", out var asked) && _asked.Remove(asked.GetInt32(), out var answer)) answer.TrySetResult(told);
        }
    }

    private async Task SendAsync(Sent e)
    {
        var (id, start) = (Stage.Recorder.NextId(), Stage.Recorder.Now);
        var answer = new TaskCompletionSource<JsonElement>(TaskCreationOptions.RunContinuationsAsynchronously);
        var asked = Interlocked.Increment(ref _asks);
        lock (_gate) _asked[asked] = answer;
        _words.Writer.TryWrite(new { publish = asked, eventType = e.EventType, data = e.Data, messageId = e.MessageId, basedOn = e.BasedOn });
        Told[] told = [];
        try
        {
            var outcome = await answer.Task.WaitAsync(Patience.Process);
            told = outcome.TryGetProperty("code", out var code)
                ? [new(e.MessageId, null, Duplicate: false, code.GetString())]
                : [new(e.MessageId, outcome.GetProperty("sequenceNumber").GetInt64(), outcome.GetProperty("duplicate").GetBoolean())];
        }
        catch (Exception failure) when (IsOfTheNetwork(failure))
        {
            // Its outcome is not known.
        }
        Record(new(id, Plan.Name, Plan.User, Plan.Name, "typescript", null, Stage.RunId, start, Stage.Recorder.Now, [e], told, Repeats: true));
    }
}
