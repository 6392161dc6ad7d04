using Collab.AspNetCore.Store;
using Microsoft.Extensions.DependencyInjection;

namespace Collab.AspNetCore;

/// <summary>What an application can do with Collab without starting it.</summary>
public static class CollabServiceProviderExtensions
{
    /// <summary>Brings the schema of the configured store up to date. Waits up to 30 seconds for a store that is still starting.</summary>
    /// <param name="services">The application's services.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>Completes when the schema is current.</returns>
    public static Task MigrateCollabAsync(this IServiceProvider services, CancellationToken cancellationToken = default) =>
        services.GetRequiredService<StoreStartup>().MigrateAsync(cancellationToken);

    /// <summary>
    /// Gives every run another epoch. To be called after the store was restored from a backup, before servers start: clients that have seen later
    /// events than the backup has then notice, and start from the state.
    /// </summary>
    /// <param name="services">The application's services.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>Completes when it is committed.</returns>
    public static async Task RenewCollabEpochsAsync(this IServiceProvider services, CancellationToken cancellationToken = default) =>
        await services.GetRequiredService<IRunStore>().RenewEpochsAsync(cancellationToken);
}
