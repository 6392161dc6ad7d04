using System.Runtime.InteropServices;
using Npgsql;
using NpgsqlTypes;

namespace Collab.AspNetCore.Store;

/// <summary>
/// A batch turned into the columns that the append statement unnests. The lists are reused from batch to batch. Counting back is done here,
/// because window functions would cost PostgreSQL half as much again.
/// </summary>
internal sealed class PostgresBatchColumns(EpochSalt salt)
{
    // One entry per run, ids sorted: two servers that lock the same runs do so in the same order, and cannot deadlock.
    private readonly SortedDictionary<Guid, long> _counts = [];
    private readonly Dictionary<Guid, (Guid Epoch, long LastSequence)> _committed = [];
    private readonly List<Guid> _runs = [];
    private readonly List<Guid> _epochs = [];
    private readonly List<long> _added = [];

    // One entry per event.
    private readonly List<Guid> _runIds = [];
    private readonly List<long> _back = [];
    private readonly List<Guid> _messageIds = [];
    private readonly List<string> _userIds = [];
    private readonly List<string> _eventTypes = [];
    private readonly List<byte[]> _data = [];

    public static void Declare(NpgsqlParameterCollection parameters)
    {
        foreach (var type in (NpgsqlDbType[])[
            NpgsqlDbType.Uuid | NpgsqlDbType.Array, NpgsqlDbType.Uuid | NpgsqlDbType.Array, NpgsqlDbType.Bigint | NpgsqlDbType.Array,
            NpgsqlDbType.TimestampTz,
            NpgsqlDbType.Uuid | NpgsqlDbType.Array, NpgsqlDbType.Bigint | NpgsqlDbType.Array, NpgsqlDbType.Uuid | NpgsqlDbType.Array,
            NpgsqlDbType.Text | NpgsqlDbType.Array, NpgsqlDbType.Text | NpgsqlDbType.Array, NpgsqlDbType.Jsonb | NpgsqlDbType.Array])
        {
            parameters.Add(new() { NpgsqlDbType = type });
        }
    }

    public void Bind(NpgsqlParameterCollection parameters, DateTime timestamp)
    {
        object[] values = [_runs, _epochs, _added, timestamp, _runIds, _back, _messageIds, _userIds, _eventTypes, _data];
        for (var i = 0; i < values.Length; i++) parameters[i].Value = values[i];
    }

    public void Fill(AppendBatch batch)
    {
        Clear();
        foreach (var append in batch.Appends)
        {
            _runIds.Add(append.RunId);
            _messageIds.Add(append.MessageId);
            _userIds.Add(append.UserId);
            _eventTypes.Add(append.EventType);
            _data.Add(append.Data);
        }
        CollectionsMarshal.SetCount(_back, batch.Appends.Count);
        for (var i = batch.Appends.Count - 1; i >= 0; i--)
        {
            var run = batch.Appends[i].RunId;
            _back[i] = _counts.GetValueOrDefault(run);
            _counts[run] = _back[i] + 1;
        }
        foreach (var (run, added) in _counts)
        {
            _runs.Add(run);
            _epochs.Add(salt.EpochOf(run));
            _added.Add(added);
        }
    }

    /// <summary>Notes where a run stands after the commit.</summary>
    public void Committed(Guid runId, Guid epoch, long lastSequence) => _committed[runId] = (epoch, lastSequence);

    /// <summary>Gives each event of the batch its number.</summary>
    public void Number(AppendBatch batch)
    {
        for (var i = 0; i < batch.Appends.Count; i++)
        {
            var append = batch.Appends[i];
            var (epoch, lastSequence) = _committed[append.RunId];
            (append.Sequence, append.Timestamp, append.Epoch) = (lastSequence - _back[i], batch.Timestamp, epoch);
        }
    }

    private void Clear()
    {
        _counts.Clear();
        _committed.Clear();
        _runs.Clear();
        _epochs.Clear();
        _added.Clear();
        _runIds.Clear();
        _back.Clear();
        _messageIds.Clear();
        _userIds.Clear();
        _eventTypes.Clear();
        _data.Clear();
    }
}
