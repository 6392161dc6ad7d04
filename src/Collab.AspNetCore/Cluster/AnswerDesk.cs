using System.Text.Json;
using System.Threading.Channels;
using Microsoft.Extensions.Logging;

namespace Collab.AspNetCore.Cluster;

/// <summary>
/// Answers the other servers' questions, one after the other and beside what else comes from them: an answer may take its time, events may
/// not.
/// </summary>
internal sealed partial class AnswerDesk(
    ICollabBus bus, Outbound outbound, IAnswers answers, BusMetrics metrics, ILogger<AnswerDesk> logger)
{
    private const int Capacity = 64;

    /// <summary>The bus may repeat itself: so many questions are known to have been heard.</summary>
    private const int Known = 256;

    private readonly Channel<(Guid Server, Guid Id, Question Question)> _queue =
        Channel.CreateBounded<(Guid, Guid, Question)>(new BoundedChannelOptions(Capacity) { SingleReader = true, SingleWriter = true });
    private readonly HashSet<Guid> _heard = [];
    private readonly Queue<Guid> _heardInOrder = new();

    /// <summary>A question came.</summary>
    public void Hear(in Envelope envelope)
    {
        if (!IsNew(envelope.Epoch)) return;
        if (JsonSerializer.Deserialize(envelope.Body, ClusterJson.Default.Question) is not { About.Length: > 0, IsSound: true } question)
            throw new InvalidDataException("A question makes no sense.");
        if (!_queue.Writer.TryWrite((envelope.Sender, envelope.Epoch, question))) metrics.Dropped();
    }

    /// <summary>Whether a question, or an order, was not heard before.</summary>
    public bool IsNew(Guid id)
    {
        if (!_heard.Add(id)) return false;
        _heardInOrder.Enqueue(id);
        if (_heardInOrder.Count > Known) _heard.Remove(_heardInOrder.Dequeue());
        return true;
    }

    /// <summary>Answers until it is stopped.</summary>
    public async Task RunAsync(CancellationToken stopping)
    {
        await foreach (var (server, id, question) in _queue.Reader.ReadAllAsync(stopping))
        {
            try
            {
                if (Fitting(question) is { } packed) Send(server, id, packed);
                else metrics.Rejected();
            }
            catch (Exception e)
            {
                // The next question may be better.
                LogFailed(e);
            }
        }
    }

    /// <summary>Says at once what was done.</summary>
    public void Answer(in Envelope envelope, byte[] json) => Send(envelope.Sender, envelope.Epoch, AnswerParts.Pack(json));

    /// <summary>The answer, with fewer rows if it were too long with all of them.</summary>
    private byte[]? Fitting(Question question)
    {
        for (; ; question = question with { Rows = question.Rows / 2 })
        {
            if (answers.To(question) is not { } json) return null;
            var packed = AnswerParts.Pack(json);
            if (packed.Length <= AnswerParts.MostBytes) return packed;
            if (question.Rows == 0) throw new InvalidOperationException($"The answer about {question.About} has {packed.Length} bytes.");
        }
    }

    private void Send(Guid server, Guid id, byte[] packed)
    {
        var room = Envelope.RoomOn(bus);
        var count = Math.Max(1, (packed.Length + room - 1) / room);
        for (var place = 0; place < count; place++)
        {
            var part = packed.AsSpan(place * room, Math.Min(room, packed.Length - (place * room)));
            // A server hears its own id as it hears a run's.
            outbound.Add(NewsKind.Answer, server, part, toAll: false, place, count, id);
        }
    }

    [LoggerMessage(LogLevel.Warning, "Another server's question could not be answered.")]
    private partial void LogFailed(Exception exception);
}
