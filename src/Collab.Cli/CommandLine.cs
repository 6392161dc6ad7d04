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
        // A note may begin with an @: it is no file of arguments.
        var parsed = root.Parse(args, new ParserConfiguration { ResponseFileTokenReplacer = null });
        if (parsed.Action is ParseErrorAction)
        {
            var command = parsed.CommandResult.Command;
            return Failed(ExitCode.Usage, $"{parsed.Errors[0].Message} See `{(command == root ? "" : "collab ")}{command.Name} --help`.");
        }
        try
        {
            using var interruption = new Interruption();
            var configuration = new InvocationConfiguration { EnableDefaultExceptionHandler = false, ProcessTerminationTimeout = null };
            return await parsed.InvokeAsync(configuration, interruption.Token);
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
        catch (OperationCanceledException)
        {
            return ExitCode.Interrupted;
        }
        catch (IOException) when (Terminal.Out.IsClosed)
        {
            // Whoever read the output has seen enough: `collab watch … | head`.
            return ExitCode.Done;
        }
    }

    private static int Failed(int exitCode, string sentence)
    {
        Terminal.Error.WriteLine($"collab: {Plain.Text(sentence)}");
        return exitCode;
    }
}
