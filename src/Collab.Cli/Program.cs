using System.CommandLine;
using Collab.Cli;
using Collab.Cli.Load;
using Collab.Cli.Options;
using Collab.Cli.Publish;
using Collab.Cli.Read;
using Collab.Cli.Watch;

var root = new RootCommand("Watches, steers and loads runs of a Collab server.")
{
    WatchCommand.Create(),
    PublishCommands.Graft(),
    PublishCommands.Prune(),
    PublishCommands.Flag(), PublishCommands.End(),
    PublishCommands.Publish(),
    BranchCommand.Create(),
    ReplayCommand.Create(),
    StateCommand.Create(),
    VerifyCommand.Create(),
    LoadCommand.Create(),
};
ServerOptions.AddTo(root);
return await CommandLine.RunAsync(root, args);
