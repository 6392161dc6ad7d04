using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using Collab.Cli.Options;
using Collab.Cli.Printing;
using Collab.Cli.Server;
using Collab.Protocol;

namespace Collab.Cli.Publish;

/// <summary><c>collab publish RUN --file</c>: publishes all events of a file, and prints the number of each.</summary>
internal sealed class FileCommand
{
    private readonly Option<string?> _file = new("--file")
    {
        Description = "A file of events, one a line: {\"eventType\", \"data\", \"messageId\"?}. '-': standard input.",
        HelpName = "FILE",
    };

    private readonly Option<int> _from = Number.Option("--from", "LINE", "Begin with this line of the file.", 1, int.MaxValue);
    private readonly Option<string?> _batch = new("--batch")
    {
        Description = "Lines without a messageId are stored once, however often they are published; under another name of the batch again.",
        HelpName = "NAME",
    };

    private int _duplicates;
    private bool _isReaderGone;

    /// <summary>Whether the line asks for it.</summary>
    public bool IsAskedFor(ParseResult parsed) => parsed.GetValue(_file) is not null;

    /// <summary>Adds its options to a command that needs others of its own without it.</summary>
    /// <param name="command">The command.</param>
    /// <param name="needed">What is needed without a file.</param>
    /// <param name="others">What else makes no sense with one.</param>
    public void AddTo(Command command, Option[] needed, Option[] others)
    {
        foreach (var option in new Option[] { _file, _from, _batch }) command.Options.Add(option);
        command.Validators.Add(line =>
        {
            bool IsGiven(Option option) => line.GetResult(option) is { Implicit: false };
            if (!IsGiven(_file))
            {
                var missing = needed.FirstOrDefault(option => !IsGiven(option));
                if (missing is not null) line.AddError($"{missing.Name} is needed, or --file.");
                else if (IsGiven(_from) || IsGiven(_batch)) line.AddError("--from and --batch are about a --file.");
            }
            else if (needed.Concat(others).FirstOrDefault(IsGiven) is { } odd)
            {
                line.AddError($"Either --file or {odd.Name}.");
            }
        });
    }

    /// <summary>Carries it out.</summary>
    public async Task<int> RunAsync(ParseResult parsed, Target target, Guid run, bool json, CancellationToken stop)
    {
        var all = EventFile.Read(parsed.GetValue(_file)!, run, parsed.GetValue(_batch) ?? "");
        var lines = all.FindAll(line => line.Number >= parsed.GetValue(_from));
        var progress = new FileProgress(lines.Count);
        var publisher = new FilePublisher(target, run, lines, progress, ack => Print(ack, json));
        var isDone = false;
        using var ended = new CancellationTokenSource();
        var printing = progress.PrintAsync(ended.Token);
        try
        {
            await publisher.RunAsync(stop);
            isDone = true;
        }
        finally
        {
            await ended.CancelAsync();
            await printing;
            if (!isDone) Terminal.Error.WriteLine(HowToGoOn(progress, lines, publisher.Position));
        }
        if (_duplicates > 0)
            Terminal.Error.WriteLine(string.Create(CultureInfo.InvariantCulture, $"collab: {_duplicates:#,0} of them were stored before."));
        return ExitCode.Done;
    }

    private static string HowToGoOn(FileProgress progress, List<EventLine> lines, int position) => string.Create(
        CultureInfo.InvariantCulture,
        $"collab: {progress.Acknowledged:#,0} of {lines.Count:#,0} events are acknowledged. Go on with --from {lines[position].Number}; "
        + $"what is stored by then is stored once.");

    private void Print(PublishAck ack, bool json)
    {
        if (ack.Duplicate) _duplicates++;
        try
        {
            if (_isReaderGone) return;
            if (json) Terminal.Out.WriteLine(JsonSerializer.Serialize(ack, CollabJson.Default.PublishAck));
            // Ephemeral events have no number.
            else if (ack.SequenceNumber is { } sequence) Terminal.Out.WriteLine(sequence.ToString(CultureInfo.InvariantCulture));
        }
        catch (OutputException e) when (e.ReaderHasGone)
        {
            // The reader has seen enough; the events are to be published all the same.
            _isReaderGone = true;
        }
    }
}
