using System.CommandLine;
using System.CommandLine.Invocation;
using Collab.Cli.Printing;
using Collab.Client;

namespace Collab.Cli;

/// <summary>Carries out a command line, and says in one sentence what went wrong.</summary>
internal static class CommandLine
{
    public static async Task<int> RunAsync(RootCommand root, string[] args)
    {
        using var interruption = new Interruption();
        try
        {
            return await InvokeAsync(root, args, interruption.Token);
        }
        catch (UsageException e)
        {
            return Failed(ExitCode.Usage, e.Message);
        }
        catch (NotInTimeException e)
        {
            return Failed(ExitCode.NotInTime, e.Message);
        }
        catch (CollabException e)
        {
            return Failed(ExitCode.Refused, $"{e.CodeText}: {e.Message}");
        }
        catch (OutputException e)
        {
            return e.ReaderHasGone ? ExitCode.Done : Failed(ExitCode.Failed, e.Message);
        }
        catch (OperationCanceledException) when (interruption.Token.IsCancellationRequested)
        {
            return ExitCode.Interrupted;
        }
        catch (Exception e)
        {
            return Failed(ExitCode.Failed, $"Something went wrong that was not foreseen ({e.GetType().Name}): {e.Message}");
        }
    }

    private static async Task<int> InvokeAsync(RootCommand root, string[] args, CancellationToken stop)
    {
        // A note may begin with an @: it is no file of arguments.
        var parsed = root.Parse(args, new ParserConfiguration { ResponseFileTokenReplacer = null });
        if (parsed.Action is ParseErrorAction)
        {
            var command = parsed.CommandResult.Command;
            return Failed(ExitCode.Usage, $"{parsed.Errors[0].Message} See `{(command == root ? "" : "collab ")}{command.Name} --help`.");
        }
        // The parser's own answers, such as --help, go the way of all others, so that one that cannot be written is noticed.
        await using var answer = new StringWriter();
        var configuration = new InvocationConfiguration
        {
            EnableDefaultExceptionHandler = false,
            ProcessTerminationTimeout = null,
            Output = answer,
        };
        var exitCode = await parsed.InvokeAsync(configuration, stop);
        if (answer.ToString() is { Length: > 0 } text) Terminal.Out.Write(text);
        return exitCode;
    }

    private static int Failed(int exitCode, string sentence)
    {
        Terminal.Error.WriteLine($"collab: {Plain.Text(sentence)}");
        return exitCode;
    }
}
