using Collab.AspNetCore;

namespace Collab.Server;

/// <summary>
/// What the program does to the store instead of serving: <c>migrate</c>, and <c>renew-epochs</c> after a backup was restored.
/// </summary>
internal static class StoreCommands
{
    private const string Migrate = "migrate";
    private const string RenewEpochs = "renew-epochs";

    public static bool IsOne(string argument) => argument is Migrate or RenewEpochs;

    public static async Task<bool> TryRunAsync(string[] arguments, IServiceProvider services)
    {
        var command = arguments.FirstOrDefault(IsOne);
        if (command == Migrate) await services.MigrateCollabAsync();
        if (command == RenewEpochs) await services.RenewCollabEpochsAsync();
        return command is not null;
    }
}
