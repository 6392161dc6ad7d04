using System.Collections.Concurrent;
using System.Text.Json;
using Collab.AspNetCore.Events;
using Collab.AspNetCore.Refusals;
using Collab.Protocol;

namespace Collab.AspNetCore.Cluster;

/// <summary>
/// What this server has asked the others and waits for. All that are there are asked at once, and none is waited for longer than a
/// moment: an answer names those that are missing.
/// </summary>
internal sealed class Questions(
    Subscriptions subscriptions, Outbound outbound, Members members, Coverage coverage, BusMetrics metrics, TimeProvider time)
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(1);

    /// <summary>So many are open at most, orders left out: their answers are short.</summary>
    private const int MostOpen = 64;

    private readonly ConcurrentDictionary<Guid, Round> _open = new(KeyedGuids.Instance);

    /// <summary>Asks all others.</summary>
    /// <param name="question">What is asked.</param>
    /// <param name="isEnough">Whether an answer makes waiting for the others needless; null: none does.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <exception cref="RefusedException"><c>overloaded</c>: too much is asked at once.</exception>
    public Task<Answered> AskAsync(Question question, Func<byte[], bool>? isEnough, CancellationToken cancellationToken)
    {
        var body = JsonSerializer.SerializeToUtf8Bytes(question, ClusterJson.Default.Question);
        return AskAsync(NewsKind.Question, Guid.Empty, body, isOrder: false, isEnough, cancellationToken);
    }

    /// <summary>Has all others do something, and say so.</summary>
    /// <param name="kind">What they are to do.</param>
    /// <param name="runId">With which run, where it is about one.</param>
    /// <param name="body">What else they need to know.</param>
    /// <param name="cancellationToken">Ends the wait, and takes nothing back.</param>
    public Task<Answered> OrderAsync(NewsKind kind, Guid runId, byte[] body, CancellationToken cancellationToken) =>
        AskAsync(kind, runId, body, isOrder: true, isEnough: null, cancellationToken);

    /// <summary>A part of an answer came.</summary>
    public void Hear(in Envelope envelope)
    {
        // Some buses bring everybody everything; and an answer may be late.
        if (envelope.RunId != members.Self || !_open.TryGetValue(envelope.Epoch, out var round)) return;
        if (!round.Hear(envelope)) metrics.Rejected();
    }

    private async Task<Answered> AskAsync(
        NewsKind kind, Guid runId, byte[] body, bool isOrder, Func<byte[], bool>? isEnough, CancellationToken cancellationToken)
    {
        var asked = members.Others;
        var round = new Round(asked, isEnough);
        if (asked.Count == 0 || !coverage.IsConnected)
        {
            // Who was there before is named, for it may well be there now; and in doubt an order goes out.
            if (isOrder && !members.IsAlone) outbound.Add(kind, runId, body, toAll: true);
            return round.Result();
        }
        if (!isOrder && _open.Count >= MostOpen)
            throw new RefusedException(CollabErrorCode.Overloaded, "The other servers are asked too much at once.", Patience);
        await subscriptions.BeginAsync(members.Self);
        var id = Guid.NewGuid();
        _open[id] = round;
        try
        {
            outbound.Add(kind, runId, body, toAll: true, epoch: id);
            await round.Over.WaitAsync(Patience, time, cancellationToken);
        }
        catch (TimeoutException)
        {
            // Those that have not answered are named.
        }
        finally
        {
            _open.TryRemove(id, out _);
        }
        return round.Result();
    }

    /// <summary>One question, and what has come of its answers.</summary>
    private sealed class Round
    {
        private readonly Lock _gate = new();
        private readonly Dictionary<Guid, (Member Server, AnswerParts Parts)> _asked;
        private readonly HashSet<Guid> _awaited;
        private readonly List<(Member Server, byte[] Json)> _answers = [];
        private readonly Func<byte[], bool>? _isEnough;
        private readonly TaskCompletionSource _over = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public Round(IReadOnlyList<Member> asked, Func<byte[], bool>? isEnough)
        {
            _asked = asked.ToDictionary(m => m.Id, m => (m, new AnswerParts()));
            // One that ends in order may still answer, and need not.
            _awaited = [.. asked.Where(m => !m.IsLeaving).Select(m => m.Id)];
            _isEnough = isEnough;
            if (_awaited.Count == 0) _over.SetResult();
        }

        public Task Over => _over.Task;

        /// <returns>False: it is no part of an answer.</returns>
        public bool Hear(in Envelope envelope)
        {
            lock (_gate)
            {
                if (!_asked.TryGetValue(envelope.Sender, out var asked)) return false;
                if (asked.Parts.IsWhole) return true;
                if (!asked.Parts.TryAdd(envelope.First, envelope.Count, envelope.Body)) return false;
                if (!asked.Parts.IsWhole) return true;
                var json = asked.Parts.Unpack();
                _answers.Add((asked.Server, json));
                _awaited.Remove(asked.Server.Id);
                if (_awaited.Count == 0 || _isEnough?.Invoke(json) == true) _over.TrySetResult();
                return true;
            }
        }

        public Answered Result()
        {
            lock (_gate)
                return new([.. _answers], [.. _awaited.Select(id => _asked[id].Server.Vitals.Name).Order(StringComparer.Ordinal)]);
        }
    }
}
