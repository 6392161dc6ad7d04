using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using Collab.Cli.Options;
using Collab.Cli.Printing;
using Collab.Cli.Server;
using Collab.Client;
using Collab.Protocol;

namespace Collab.Cli.Publish;

/// <summary>Publishes an event, waits until it is stored, and prints its number.</summary>
internal sealed class PublishCommand
{
    private readonly Argument<Guid> _run = RunOptions.Run();
    private readonly Option<bool> _json = new("--json") { Description = "Print the whole acknowledgement as JSON." };
    private readonly Option<Guid?> _messageId = new("--message-id")
    {
        Description = "The event's id, a UUID: repeated with the same one it is stored once.",
        HelpName = "UUID",
    };

    private readonly Option<long?> _basedOn = new("--based-on")
    {
        Description = "The newest event that you have seen, by its number: refused (conflict) if the same was touched since.",
        HelpName = "SEQUENCE",
    };

    private readonly Command _command;
    private readonly Func<ParseResult, string> _eventType;
    private FileCommand? _file;

    public PublishCommand(string description, string name, Func<ParseResult, string> eventType, Option[] options)
    {
        _eventType = eventType;
        _command = new Command(name, description) { _run };
        foreach (var option in options) _command.Options.Add(option);
        _basedOn.Validators.Add(result =>
        {
            if (result.GetValueOrDefault<long?>() is < 0) result.AddError("--based-on must be 0 or more.");
        });
        _command.Options.Add(_messageId);
        _command.Options.Add(_basedOn);
        _command.Options.Add(_json);
    }

    /// <summary>The command, which publishes a file where the line names one.</summary>
    /// <param name="file">Publishes it.</param>
    /// <param name="needed">The options that are needed for one event.</param>
    public PublishCommand Or(FileCommand file, params Option[] needed)
    {
        _file = file;
        file.AddTo(_command, needed, [_messageId, _basedOn]);
        return this;
    }

    /// <summary>The command, once it is known what its event says.</summary>
    public Command Sends(Func<ParseResult, JsonObject> data) => _command.Does(async (parsed, target, stop) =>
    {
        if (_file?.IsAskedFor(parsed) == true)
            return await _file.RunAsync(parsed, target, parsed.GetValue(_run), parsed.GetValue(_json), stop);
        var content = JsonSerializer.SerializeToElement(data(parsed));
        var id = parsed.GetValue(_messageId) ?? Guid.CreateVersion7();
        var basedOn = parsed.GetValue(_basedOn);
        var ack = await PublishAsync(target, parsed.GetValue(_run), _eventType(parsed), content, id, basedOn, stop);
        Print(ack, parsed.GetValue(_json));
        return ExitCode.Done;
    });

    private static async Task<PublishAck> PublishAsync(
        Target target, Guid runId, string eventType, JsonElement data, Guid id, long? basedOn, CancellationToken stop)
    {
        await using var client = target.NewClient();
        await using var run = client.Open(runId);
        using var timeout = new CancellationTokenSource(target.Timeout);
        using var end = CancellationTokenSource.CreateLinkedTokenSource(stop, timeout.Token);
        try
        {
            return await run.PublishAsync(eventType, data, id, basedOn, end.Token);
        }
        catch (OperationCanceledException) when (timeout.IsCancellationRequested && !stop.IsCancellationRequested)
        {
            throw run.Snapshot.Pending is [{ Attempts: > 0 } tried, ..] ? NotAcknowledged(target, tried) : target.NotReached();
        }
    }

    private static NotInTimeException NotAcknowledged(Target target, PendingSend tried)
    {
        var answer = tried.Error is { } error ? $", the server's last answer was {error.CodeText}: {error.Message.TrimEnd('.')}" : "";
        return new($"The event was not acknowledged within {Duration.Text(target.Timeout)}{answer}; it may be stored all the same: "
            + $"repeat it with --message-id {tried.MessageId}, and it is stored once.");
    }

    private static void Print(PublishAck ack, bool json)
    {
        if (ack.Duplicate) Terminal.Error.WriteLine("collab: it was stored before.");
        if (json) Terminal.Out.WriteLine(JsonSerializer.Serialize(ack, CollabJson.Default.PublishAck));
        // Ephemeral events have no number.
        else if (ack.SequenceNumber is { } sequence) Terminal.Out.WriteLine(sequence.ToString(CultureInfo.InvariantCulture));
    }
}
