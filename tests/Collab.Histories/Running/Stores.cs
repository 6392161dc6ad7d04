using Collab.TestKit;

namespace Collab.Histories.Running;

/// <summary>The PostgreSQL servers that histories make their databases in; each sort is started when it is needed first.</summary>
internal sealed class Stores : IAsyncDisposable
{
    /// <summary>PostgreSQL's own files take about half of it.</summary>
    private const int DiskMegabytes = 160;

    private PrivatePostgres? _plain;
    private ReplicatedPostgres? _replicated;
    private (PrivatePostgres Server, SmallDisk Disk)? _onSmallDisk;

    /// <summary>The one for an installation.</summary>
    /// <returns>The server, and its disk if that can be filled.</returns>
    public async Task<(PrivatePostgres Server, SmallDisk? Disk)> GetAsync(Layout layout)
    {
        if (layout.Has(Extras.Replica)) return (_replicated ??= await PostgresServer.StartReplicatedAsync(), null);
        if (layout.Has(Extras.SmallDisk)) return _onSmallDisk ??= await PostgresServer.StartOnSmallDiskAsync(DiskMegabytes);
        return (_plain ??= await PostgresServer.StartPrivateAsync(), null);
    }

    public async ValueTask DisposeAsync()
    {
        if (_plain is not null) await _plain.DisposeAsync();
        if (_replicated is not null) await _replicated.DisposeAsync();
        if (_onSmallDisk is { } small) await small.Server.DisposeAsync();
    }
}
