using System.Globalization;
using Collab.Bench.Load;
using Collab.TestKit;

namespace Collab.Bench.Endurance;

/// <summary>What a server holds at one moment.</summary>
internal sealed record Vitals(double ResidentMib, double HeapMib, double Handles, double Threads, double WorkItems, double Timers, double Connections, double Queue)
{
    public static async Task<Vitals> TakeAsync(Target target)
    {
        using var api = new ApiClient(target.Address, token: null);
        var metrics = await api.MetricsAsync();
        return new(
            ProcessUse.ResidentKib(target.ServerId) / 1024,
            Sum(metrics, "dotnet_gc_last_collection_heap_size_bytes") / 1024 / 1024,
            Directory.EnumerateFileSystemEntries(Folder(target, "fd")).Count(),
            Directory.EnumerateFileSystemEntries(Folder(target, "task")).Count(),
            Sum(metrics, "dotnet_thread_pool_queue_length"),
            Sum(metrics, "dotnet_timer_count"),
            Sum(metrics, "orchestrator_websocket_active_connections"),
            Sum(metrics, "collab_append_queue_depth"));
    }

    public override string ToString() => string.Create(
        CultureInfo.InvariantCulture,
        $"{ResidentMib:0} MiB resident, heap {HeapMib:0} MiB, {Handles} handles, {Threads} threads, {WorkItems} work items, {Timers} timers, {Connections} connections, {Queue} appends wait");

    private static string Folder(Target target, string name) => string.Create(CultureInfo.InvariantCulture, $"/proc/{target.ServerId}/{name}");

    private static double Sum(Exposition metrics, string family) =>
        metrics.Samples.Where(s => s.Key.StartsWith(family, StringComparison.Ordinal)).Sum(s => s.Value);
}
