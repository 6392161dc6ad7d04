using Collab.AspNetCore.Store;
using Microsoft.Extensions.DependencyInjection;

namespace Collab.AspNetCore;

/// <summary>What an application can do with Collab without starting it.</summary>
public static class CollabServiceProviderExtensions
{
    /// <summary>
    /// Opens the configured store, as the host does when it starts; only the first call does anything. An application that calls it before
    /// hears of a store that cannot be used by an exception, and not from the host. Waits for a store that does not answer.
    /// </summary>
    /// <param name="services">The application's services.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>Completes when the store is open and, with <see cref="StoreOptions.MigrateOnStart"/>, its schema current.</returns>
    /// <exception cref="Microsoft.Extensions.Options.OptionsValidationException">
    /// The store cannot be used; a sentence says why, and names the key.
    /// </exception>
    public static Task OpenCollabStoreAsync(this IServiceProvider services, CancellationToken cancellationToken = default) =>
        services.GetRequiredService<StoreStartup>().StartAsync(cancellationToken);

    /// <summary>Brings the schema of the configured store up to date. Waits up to 30 seconds for a store that is still starting.</summary>
    /// <param name="services">The application's services.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>Completes when the schema is current.</returns>
    /// <exception cref="Microsoft.Extensions.Options.OptionsValidationException">
    /// It cannot be done; a sentence says why, and names the key.
    /// </exception>
    public static Task MigrateCollabAsync(this IServiceProvider services, CancellationToken cancellationToken = default) =>
        services.GetRequiredService<StoreStartup>().MigrateAsync(cancellationToken);

    /// <summary>
    /// Gives every run another epoch. To be called after the store was restored from a backup, before servers start: clients that have seen
    /// later events than the backup has then notice, and start from the state.
    /// </summary>
    /// <param name="services">The application's services.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>Completes when it is committed.</returns>
    /// <exception cref="Microsoft.Extensions.Options.OptionsValidationException">
    /// It cannot be done; a sentence says why, and names the key.
    /// </exception>
    public static Task RenewCollabEpochsAsync(this IServiceProvider services, CancellationToken cancellationToken = default) =>
        services.GetRequiredService<StoreStartup>().RenewEpochsAsync(cancellationToken);
}
