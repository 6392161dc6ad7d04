using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using Collab.Histories.Recording;

namespace Collab.Histories.Checking;

/// <summary>Checks a history against the promises. It only looks at what was recorded: the same history always gives the same answer.</summary>
internal static class Checker
{
    /// <summary>So many events at most are in one answer.</summary>
    private const int EventsPerAnswer = 1000;

    /// <summary>A refusal with one of these comes before anything could be stored.</summary>
    private static readonly HashSet<string> ForGood =
        ["invalid_event", "payload_too_large", "forbidden", "unauthorized", "rate_limited", "overloaded", "conflict"];

    /// <summary>All that is wrong; nothing if nothing is.</summary>
    public static IReadOnlyList<Violation> Check(History history) =>
        [.. history.Of<FinalLog>().SelectMany(log => new OneRun(history, log).Check()), .. CheckRecoveries(history)];

    private static IEnumerable<Violation> CheckRecoveries(History history) => history.Of<Fault>()
        .Where(f => f.After is { Complete: null })
        .Select(f => new Violation(Rule.NoRecovery, Text(
            $"after {f.What}, over at {f.End} ms, {(f.After!.Acknowledged is null ? "a server acknowledged nothing" : "a follower did not get what was")}")));

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);

    private sealed class OneRun
    {
        private readonly List<Violation> _violations = [];
        private readonly IReadOnlyList<Logged> _log;
        private readonly Dictionary<long, Logged> _byNumber = [];
        private readonly Dictionary<Guid, Logged> _byMessage = [];
        private readonly Publish[] _publishes;
        private readonly Read[] _reads;
        private readonly Seen[] _seen;
        private readonly Skipped[] _skipped;
        private readonly Transaction[] _transactions;
        private readonly Handled[]? _handled;
        private readonly int _keep;
        private readonly Follower[] _followers;
        private readonly Presence[] _presence;
        private readonly ILookup<Guid, (Publish Attempt, Sent Event, Told? Told)> _attempts;

        public OneRun(History history, FinalLog log)
        {
            (_log, _keep) = (log.Events, history.Setup.Keep);
            foreach (var e in _log)
            {
                _byNumber.TryAdd(e.Number, e);
                _byMessage.TryAdd(e.MessageId, e);
            }
            _transactions = [.. history.Of<Transaction>().Where(t => t.RunId == log.RunId).OrderBy(t => t.Id)];
            _handled = history.Setup.HasHandlers ? [.. history.Of<Handled>().Where(h => h.RunId == log.RunId)] : null;
            // What is in the outbox is an attempt without an answer.
            var inserted = _transactions.Select(t => new Publish(t.Id, t.Client, t.User, null, "outbox", null, t.RunId, t.Start, t.End, t.Events, []));
            _publishes = [.. history.Of<Publish>().Where(p => p.RunId == log.RunId).Concat(inserted).OrderBy(p => p.Id)];
            _reads = [.. history.Of<Read>().Where(r => r.RunId == log.RunId)];
            _seen = [.. history.Of<Seen>().Where(s => s.RunId == log.RunId)];
            _skipped = [.. history.Of<Skipped>().Where(s => s.RunId == log.RunId)];
            _followers = [.. history.Of<Follower>().Where(f => f.RunId == log.RunId)];
            _presence = [.. history.Of<Presence>().Where(p => p.RunId == log.RunId)];
            _attempts = _publishes
                .SelectMany(p => p.Events.Select(e => (Attempt: p, Event: e, Told: p.Told.FirstOrDefault(t => t.MessageId == e.MessageId))))
                .ToLookup(a => a.Event.MessageId);
        }

        public IReadOnlyList<Violation> Check()
        {
            CheckAcknowledged();
            CheckContent();
            CheckNumbering();
            CheckPlaces();
            CheckConnectionOrder();
            CheckTimeOrder();
            CheckBatches();
            _violations.AddRange(Basis.Check(_log, _attempts, _keep > 0));
            CheckDuplicates();
            CheckFollowers();
            CheckSkipped();
            CheckAnswers();
            CheckTransactions();
            CheckHandled();
            CheckStates();
            CheckOwnWrites();
            CheckPresence();
            return _violations;
        }

        private void CheckAcknowledged()
        {
            foreach (var attempts in _attempts)
            {
                var stored = _byMessage.GetValueOrDefault(attempts.Key);
                foreach (var (attempt, _, told) in attempts)
                {
                    if (told?.Number is not { } number) continue;
                    if (stored is null)
                        Add(Rule.AcknowledgedIsLost, $"{attempt.Name} was told {number} for {attempts.Key}, which is not in the log");
                    else if (_log.All(e => e.MessageId != attempts.Key || e.Number != number))
                        Add(Rule.OtherNumber, $"{attempt.Name} was told {number} for {attempts.Key}, which stands at {stored.Number}");
                }
                if (stored is not null && attempts.All(a => a.Told?.Code is { } code && ForGood.Contains(code) && !a.Attempt.Repeats))
                {
                    var (attempt, _, told) = attempts.First();
                    Add(Rule.RefusedIsStored, $"{attempt.Name} was refused {told!.Code}, and {attempts.Key} stands at {stored.Number}");
                }
            }
        }

        private void CheckContent()
        {
            foreach (var e in _log)
            {
                if (!_attempts.Contains(e.MessageId))
                {
                    Add(Rule.NotAsSent, $"{e.Number} is {e.MessageId}, which no client sent");
                    continue;
                }
                var (attempt, sent, _) = _attempts[e.MessageId].First();
                if (sent.EventType != e.EventType || attempt.User != e.UserId || !JsonElement.DeepEquals(sent.Data, e.Data))
                {
                    var (was, asked) = (Text($"{e.EventType} {e.Data} of {e.UserId}"), Text($"{sent.EventType} {sent.Data} of {attempt.User}"));
                    Add(Rule.NotAsSent, $"{e.Number} is {was}, sent by {attempt.Name} as {asked}");
                }
            }
        }

        private void CheckNumbering()
        {
            foreach (var (index, e) in _log.Index())
            {
                if (e.Number == index + 1) continue;
                Add(Rule.Numbering, $"the log's event {index + 1} has the number {e.Number}");
                break;
            }
            foreach (var copies in _log.GroupBy(e => e.MessageId).Where(copies => copies.Count() > 1))
            {
                // What is not kept any more is not known to have been there.
                var numbers = copies.Select(c => c.Number).ToArray();
                if (_keep == 0 || numbers.Zip(numbers.Skip(1)).Any(two => two.Second - two.First <= _keep))
                    Add(Rule.StoredTwice, $"{copies.Key} stands at {string.Join(" and ", numbers)}");
            }
        }

        private void CheckPlaces()
        {
            foreach (var seen in _seen) Check(seen.Number, seen.MessageId, seen.Client);
            foreach (var read in _reads)
            {
                foreach (var place in read.Events) Check(place.Number, place.MessageId, Name(read));
            }

            void Check(long number, Guid messageId, string observer)
            {
                if (!_byNumber.TryGetValue(number, out var logged))
                    Add(Rule.SeenIsLost, $"{observer} was shown {messageId} as {number}; the log has no such number");
                else if (logged.MessageId != messageId)
                    Add(Rule.OtherOrder, $"{observer} was shown {messageId} as {number}, where the log has {logged.MessageId}");
            }
        }

        private void CheckConnectionOrder()
        {
            foreach (var connection in _publishes.Where(p => p.Connection is not null).GroupBy(p => p.Connection))
            {
                (Publish Attempt, long Number)? highest = null;
                foreach (var publish in connection)
                {
                    foreach (var e in publish.Events)
                    {
                        // Where it stands is this connection's doing only if it was sent nowhere else.
                        if (_attempts[e.MessageId].Count() > 1 || !_byMessage.TryGetValue(e.MessageId, out var logged)) continue;
                        if (highest is { } before && logged.Number < before.Number)
                        {
                            var places = Text($"{before.Number} and {logged.Number}");
                            Add(Rule.ConnectionOrder, $"on {connection.Key} {before.Attempt.Name} was sent before {publish.Name}; they stand at {places}");
                        }
                        else
                        {
                            highest = (publish, logged.Number);
                        }
                    }
                }
            }
        }

        private void CheckTimeOrder()
        {
            (Publish Attempt, double At, long Number)? earliestAcknowledged = null;
            foreach (var e in _log.OrderByDescending(e => e.Number))
            {
                var attempts = _attempts[e.MessageId].ToArray();
                if (attempts.Length == 0 || !ReferenceEquals(e, _byMessage[e.MessageId])) continue;
                var first = attempts.MinBy(a => a.Attempt.Start).Attempt;
                if (earliestAcknowledged is { } later && first.Start > later.At)
                {
                    var places = Text($"{e.Number} and {later.Number}");
                    Add(Rule.TimeOrder, $"{first.Name} was sent after {later.Attempt.Name} was acknowledged; they stand at {places}");
                }
                foreach (var (attempt, _, told) in attempts)
                {
                    if (told?.Number is not null && (earliestAcknowledged is null || attempt.End < earliestAcknowledged.Value.At))
                        earliestAcknowledged = (attempt, attempt.End, e.Number);
                }
            }
        }

        private void CheckBatches()
        {
            foreach (var batch in _publishes.Where(p => p.Atomic))
            {
                var numbers = batch.Events.Select(e => _byMessage.GetValueOrDefault(e.MessageId)?.Number).ToArray();
                if (numbers.All(n => n is null)) continue;
                if (numbers.Index().Any(n => n.Item != numbers[0] + n.Index))
                {
                    var places = string.Join(", ", numbers.Select(n => n?.ToString(CultureInfo.InvariantCulture) ?? "-"));
                    Add(Rule.TornBatch, $"the events of {batch.Name} stand at {places}");
                }
            }
        }

        private void CheckDuplicates()
        {
            foreach (var attempts in _attempts)
            {
                var told = attempts.Where(a => a.Told?.Number is not null).OrderBy(a => a.Attempt.End).ToArray();
                var news = told.Where(a => !a.Told!.Duplicate).Select(a => a.Attempt.Name).ToArray();
                // Once for each time that it is there: what is not kept any more is new again.
                if (news.Length > Math.Max(1, _log.Count(e => e.MessageId == attempts.Key)))
                    Add(Rule.DuplicateFlag, $"{string.Join(" and ", news)} were all told that {attempts.Key} was new");
                foreach (var (attempt, _, answer) in told.Where(a => a.Told!.Duplicate && !a.Attempt.Repeats))
                {
                    if (attempts.All(other => other.Attempt.Id == attempt.Id || other.Attempt.Start > attempt.End))
                        Add(Rule.DuplicateFlag, $"{attempt.Name} was told that {attempts.Key} is a repeat, and nothing was sent before");
                }
            }
        }

        private void CheckFollowers()
        {
            var (seen, skipped) = (_seen.ToLookup(s => s.Client), _skipped.ToLookup(s => s.Client));
            foreach (var follower in _followers)
            {
                var (shown, highest) = (new HashSet<long>(), 0L);
                foreach (var e in seen[follower.Client])
                {
                    if (!shown.Add(e.Number)) Add(Rule.Twice, $"{follower.Client} ({follower.How}) got {e.Number} twice, again at {e.At} ms");
                    else if (e.Number < highest) Add(Rule.OutOfOrder, $"{follower.Client} ({follower.How}) got {e.Number} after {highest}, at {e.At} ms");
                    highest = Math.Max(highest, e.Number);
                }
                var end = follower.Stays ? Math.Max(highest, _log.Count) : highest;
                foreach (var gone in skipped[follower.Client]) shown.UnionWith(Enumerable.Range((int)gone.From, (int)(gone.To - gone.From + 1)).Select(n => (long)n));
                var missing = Enumerable.Range(1, (int)end).Where(n => !shown.Contains(n)).ToArray();
                if (missing.Length > 0)
                    Add(Rule.Missed, $"{follower.Client} ({follower.How}) never got {string.Join(", ", missing.Take(10))}, {missing.Length} of {end}");
            }
        }

        private void CheckSkipped()
        {
            foreach (var skipped in _skipped)
            {
                // No more can have been in the log then.
                var last = _log.Where(e => _attempts[e.MessageId].Any(a => a.Attempt.Start <= skipped.At)).Select(e => e.Number).DefaultIfEmpty().Max();
                if (_keep == 0 || skipped.To > last - _keep)
                    Add(Rule.SkippedTooMuch, $"{skipped.Client} was told at {skipped.At} ms that {skipped.From}–{skipped.To} are gone; there were at most {last}");
            }
            foreach (var read in _reads.Where(r => r.Oldest > r.After + 1 ? _keep == 0 || r.Oldest > Math.Max(1, r.Last - _keep + 1) : r.Truncated))
                Add(Rule.SkippedTooMuch, $"{Name(read)} after {read.After} says that the oldest is {read.Oldest}, of {read.Last}");
        }

        private void CheckAnswers()
        {
            foreach (var read in _reads.Where(r => r.What != "state"))
            {
                var expected = Math.Max(read.After, read.Oldest - 1);
                if (expected > read.After && !read.Truncated && read.What != "replay")
                    Add(Rule.AnswerWithGap, $"{Name(read)} after {read.After} begins with {expected + 1}, and does not say that what was before is gone");
                foreach (var place in read.Events)
                {
                    if (place.Number == ++expected) continue;
                    Add(Rule.AnswerWithGap, $"{Name(read)} after {read.After} has {place.Number} where {expected} belongs");
                    break;
                }
                if (read.Events.Count < EventsPerAnswer && expected < read.Last)
                    Add(Rule.AnswerWithGap, $"{Name(read)} after {read.After} ends with {expected}, and knows of {read.Last}");
            }
        }

        private void CheckTransactions()
        {
            foreach (var transaction in _transactions)
            {
                var stored = transaction.Events.Count(e => _byMessage.ContainsKey(e.MessageId));
                if (transaction.Committed == true && stored < transaction.Events.Count)
                    Add(Rule.CommittedIsLost, $"{Name(transaction)} was committed, and {stored} of its {transaction.Events.Count} events are in the log");
                else if (transaction.Committed == false && stored > 0)
                    Add(Rule.RolledBackIsStored, $"{Name(transaction)} was rolled back, and {stored} of its events are in the log");
                else if (stored > 0 && stored < transaction.Events.Count)
                    Add(Rule.TornTransaction, $"of {Name(transaction)} {stored} of {transaction.Events.Count} events are in the log");
            }
            foreach (var application in _transactions.GroupBy(t => t.Client))
            {
                var numbers = application.SelectMany(t => t.Events).Select(e => _byMessage.GetValueOrDefault(e.MessageId)?.Number).OfType<long>().ToArray();
                foreach (var (before, after) in numbers.Zip(numbers.Skip(1)).Where(two => two.Second < two.First))
                    Add(Rule.OutboxOrder, $"{application.Key} inserted what stands at {before} before what stands at {after}");
            }
        }

        private void CheckHandled()
        {
            if (_handled is null) return;
            var due = _log.Where(e => e.EventType == "GRAFT").Select(e => e.Number).ToArray();
            var (done, known) = (new HashSet<long>(), due.ToHashSet());
            var next = 0;
            foreach (var handled in _handled)
            {
                if (!handled.Alone) Add(Rule.HandledTogether, $"{handled.Number} was handled by {handled.Server} while another event of its run was");
                if (!known.Contains(handled.Number)) Add(Rule.NotHandled, $"{handled.Number} was handled by {handled.Server}, and is no event of its type");
                while (next < due.Length && done.Contains(due[next])) next++;
                if (next < due.Length && handled.Number > due[next])
                    Add(Rule.HandledOutOfOrder, $"{handled.Number} was handled by {handled.Server} before {due[next]}");
                done.Add(handled.Number);
            }
            var missing = due.Where(n => !done.Contains(n)).ToArray();
            if (missing.Length > 0) Add(Rule.NotHandled, $"{string.Join(", ", missing.Take(10))} were never handled, {missing.Length} of {due.Length}");
        }

        private void CheckStates()
        {
            var (fold, folded) = (new Fold(), 0);
            foreach (var read in _reads.Where(r => r.State is not null).OrderBy(r => NumberOf(r.State!.Value)))
            {
                var number = NumberOf(read.State!.Value);
                for (; folded < _log.Count && _log[folded].Number <= number; folded++) fold.Add(_log[folded]);
                var actual = JsonNode.Parse(read.State.Value.GetRawText());
                if (!Fold.AreEqual(actual, fold.State))
                    Add(Rule.WrongState, $"{Name(read)} has {actual!.ToJsonString()}, and the events up to {number} are {fold.State.ToJsonString()}");
            }

            static long NumberOf(JsonElement state) => state.GetProperty("asOfSequence").GetInt64();
        }

        private void CheckOwnWrites()
        {
            foreach (var server in _publishes.Where(p => p.Server is not null).GroupBy(p => p.Server))
            {
                var acknowledged = server
                    .SelectMany(p => p.Told.Where(t => t.Number is not null).Select(t => (Attempt: p, Number: t.Number!.Value)))
                    .OrderBy(a => a.Attempt.End).ToArray();
                (Publish Attempt, long Number)? highest = null;
                var next = 0;
                foreach (var read in _reads.Where(r => r.Server == server.Key).OrderBy(r => r.Start))
                {
                    for (; next < acknowledged.Length && acknowledged[next].Attempt.End < read.Start; next++)
                    {
                        if (highest is null || acknowledged[next].Number > highest.Value.Number) highest = acknowledged[next];
                    }
                    if (highest is { } known && read.Last < known.Number)
                        Add(Rule.StaleAnswer, $"{Name(read)} knows of {read.Last}, after {known.Attempt.Name} was told {known.Number}");
                }
            }
        }

        private void CheckPresence()
        {
            foreach (var seen in _presence.Where(p => !p.Users.ToHashSet().SetEquals(p.Expected)))
            {
                var (missing, more) = (string.Join(' ', seen.Expected.Except(seen.Users)), string.Join(' ', seen.Users.Except(seen.Expected)));
                Add(Rule.WrongPresence, $"{seen.Observer} misses [{missing}], and shows [{more}] too");
            }
        }

        private void Add(Rule rule, FormattableString what) => _violations.Add(new(rule, Text(what)));


        private static string Name(Transaction t) => Text($"transaction {t.Id} ({t.Client}, {t.Start}–{t.End} ms)");

        private static string Name(Read r) => Text($"{r.What} {r.Id} ({r.Client}{ServerOf(r.Server)}, {r.Start}–{r.End} ms)");

        private static string ServerOf(int? server) => server is { } s ? Text($", server {s}") : "";
    }
}
