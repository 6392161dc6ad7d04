using System.Data.Common;
using System.Net.Sockets;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Collab.AspNetCore.Store;

/// <summary>
/// Opens the store and brings its schema up to date before anything else starts. A store that does not answer yet is waited for; one that
/// cannot be used ends the start with a sentence that names the key to change.
/// </summary>
internal sealed partial class StoreStartup(
    IRunStore store, IOptions<CollabOptions> options, TimeProvider time, ILogger<StoreStartup> logger) : IHostedService
{
    /// <summary>A command is run by a person who waits for its end.</summary>
    private static readonly TimeSpan CommandWaitsFor = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(1);

    private bool _isStarted;

    /// <summary>Opens the store for a server. Waits for it as long as it takes. Only the first call does anything.</summary>
    /// <exception cref="OptionsValidationException">It cannot be used.</exception>
    public async Task StartAsync(CancellationToken cancellationToken)
    {
        if (_isStarted) return;
        await RunAsync(
            async () =>
            {
                await store.StartAsync(cancellationToken);
                if (options.Value.Store.MigrateOnStart) await store.MigrateAsync(cancellationToken);
            },
            Timeout.InfiniteTimeSpan, cancellationToken);
        _isStarted = true;
    }

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <summary>The command <c>migrate</c>.</summary>
    /// <exception cref="OptionsValidationException">It cannot be done.</exception>
    public Task MigrateAsync(CancellationToken cancellationToken) =>
        RunAsync(() => store.MigrateAsync(cancellationToken), CommandWaitsFor, cancellationToken);

    /// <summary>The command <c>renew-epochs</c>.</summary>
    /// <exception cref="OptionsValidationException">It cannot be done.</exception>
    public Task RenewEpochsAsync(CancellationToken cancellationToken) => RunAsync(
        async () =>
        {
            await store.StartAsync(cancellationToken);
            await store.RenewEpochsAsync(cancellationToken);
        },
        CommandWaitsFor, cancellationToken);

    private async Task RunAsync(Func<Task> work, TimeSpan waitFor, CancellationToken cancellationToken)
    {
        var started = time.GetTimestamp();
        for (var hasWaited = false; ; hasWaited = true)
        {
            try
            {
                await work();
                if (hasWaited) LogAnswers();
                return;
            }
            catch (Exception e) when (IsTransient(e) && (waitFor == Timeout.InfiniteTimeSpan || time.GetElapsedTime(started) < waitFor))
            {
                if (!hasWaited) LogWaiting(Cause(e).Message);
                await Task.Delay(Pause, time, cancellationToken);
            }
            catch (Exception e) when (e is StoreUnusableException or StoreException
                || Cause(e) is DbException or TimeoutException or SocketException)
            {
                throw new OptionsValidationException(
                    Microsoft.Extensions.Options.Options.DefaultName, typeof(CollabOptions), [Sentence(e)]);
            }
        }
    }

    private string Sentence(Exception e) => e is StoreUnusableException unusable
        ? unusable.Message
        : $"{store.Key}: the store cannot be used: {Cause(e).Message.TrimEnd('.')}.";

    private static bool IsTransient(Exception e) => Cause(e) is DbException { IsTransient: true } or TimeoutException or SocketException;

    /// <summary>What the database or its driver said, whatever has wrapped it.</summary>
    private static Exception Cause(Exception e)
    {
        for (var cause = e; cause is not null; cause = cause.InnerException)
        {
            if (cause is DbException or TimeoutException or SocketException) return cause;
        }
        return e;
    }

    [LoggerMessage(LogLevel.Warning, "The store does not answer yet ({Reason}). Waiting for it.")]
    private partial void LogWaiting(string reason);

    [LoggerMessage(LogLevel.Information, "The store answers now.")]
    private partial void LogAnswers();
}
