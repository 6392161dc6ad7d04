using Microsoft.Extensions.Hosting;

namespace Collab.AspNetCore.Cluster;

/// <summary>
/// Holds up the start for a moment, until this server has heard itself on the bus: the first callers would otherwise see the other servers'
/// users come one after the other. A bus that is away is not waited for.
/// </summary>
internal sealed class FirstEcho(Members members, TimeProvider time) : IHostedService
{
    private static readonly TimeSpan AtMost = TimeSpan.FromSeconds(1);

    public Task StartAsync(CancellationToken cancellationToken) =>
        Task.WhenAny(members.WasEchoed, Task.Delay(AtMost, time, cancellationToken));

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}
