using System.CommandLine;
using System.Text.Json;
using System.Text.Json.Nodes;
using Collab.Cli.Options;
using Collab.Protocol;

namespace Collab.Cli.Publish;

/// <summary><c>collab graft</c>, <c>prune</c>, <c>flag</c>, <c>end</c>, <c>publish</c>: one event each, the last a file too.</summary>
internal static class PublishCommands
{
    public static Command Graft()
    {
        var after = Required("--after", "STEP", "The step.");
        var agent = Required("--agent", "NAME", "The agent.");
        return New("graft", "Insert an agent after a step.", EventTypes.Graft, after, agent)
            .Sends(parsed => new JsonObject { ["after"] = parsed.GetValue(after), ["agentName"] = parsed.GetValue(agent) });
    }

    public static Command Prune()
    {
        var step = Required("--step", "STEP", "The step.");
        var undo = new Option<bool>("--undo") { Description = "Take it back in." };
        return New("prune", "Skip a step, or take it back in.", EventTypes.Prune, step, undo)
            .Sends(parsed => new JsonObject { ["stepId"] = parsed.GetValue(step), ["isPruned"] = !parsed.GetValue(undo) });
    }

    public static Command Flag()
    {
        var step = Required("--step", "STEP", "The step.");
        var note = new Option<string?>("--note") { Description = "What there is to say about it.", HelpName = "TEXT" };
        return New("flag", "Mark a step for review.", EventTypes.Flag, step, note).Sends(parsed =>
        {
            var data = new JsonObject { ["stepId"] = parsed.GetValue(step) };
            if (parsed.GetValue(note) is { } text) data["note"] = text;
            return data;
        });
    }

    public static Command End()
    {
        var outcome = new Option<string?>("--outcome") { Description = "What came of the run.", HelpName = "TEXT" };
        return New("end", "End a run: it takes no more events.", EventTypes.RunEnd, outcome)
            .Sends(parsed => parsed.GetValue(outcome) is { } text ? new() { ["outcome"] = text } : []);
    }

    public static Command Publish()
    {
        var type = Optional("--type", "T", "The event's type, such as FLAG, or one that the server's configuration adds.");
        type.Validators.Add(line =>
        {
            if (line.Tokens is [{ Value: "" }]) line.AddError("--type is empty.");
        });
        var data = Optional("--data", "JSON", "The event's data, an object. '-': standard input.");
        return New("publish", "Publish an event of any type, or a file of events.", parsed => parsed.GetValue(type)!, type, data)
            .Or(new FileCommand(), type, data)
            .Sends(parsed => Object(parsed.GetValue(data)!));
    }

    private static PublishCommand New(string name, string description, string eventType, params Option[] options) =>
        New(name, description, _ => eventType, options);

    private static PublishCommand New(string name, string description, Func<ParseResult, string> eventType, params Option[] options) =>
        new($"{description} Prints the number that the event got.", name, eventType, options);

    private static Option<string> Optional(string name, string value, string description) =>
        new(name) { Description = description, HelpName = value };

    private static Option<string> Required(string name, string value, string description) =>
        new(name) { Description = description, HelpName = value, Required = true };

    private static JsonObject Object(string text)
    {
        try
        {
            var data = JsonNode.Parse(text == "-" ? StandardInput.Read() : text) as JsonObject
                ?? throw new UsageException("--data must be a JSON object.");
            // That a text in it is none shows only when it is written.
            _ = data.ToJsonString();
            return data;
        }
        catch (JsonException e)
        {
            throw new UsageException($"--data is not JSON: see line {e.LineNumber + 1}, character {e.BytePositionInLine + 1}.");
        }
        catch (InvalidOperationException)
        {
            throw new UsageException("--data has half a character: a \\u that belongs to a pair (d800 to dfff) and stands alone.");
        }
    }
}
