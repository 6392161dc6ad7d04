using System.CommandLine;
using Collab.Cli.Server;
using Collab.Client;

namespace Collab.Cli.Options;

/// <summary>Commands that ask a server.</summary>
internal static class TargetCommands
{
    /// <summary>What the command does with the server that its line names; a refusal says what can be done about it.</summary>
    public static Command Does(this Command command, Func<ParseResult, Target, CancellationToken, Task<int>> action)
    {
        command.SetAction(async (parsed, stop) =>
        {
            var target = ServerOptions.Read(parsed);
            try
            {
                return await action(parsed, target, stop);
            }
            catch (CollabException e)
            {
                throw target.Explained(e);
            }
        });
        return command;
    }
}
