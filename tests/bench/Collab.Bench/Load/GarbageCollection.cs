using System.Diagnostics.Tracing;
using Microsoft.Diagnostics.NETCore.Client;

namespace Collab.Bench.Load;

/// <summary>Makes another .NET process collect its garbage, as <c>dotnet-gcdump</c> does: what is left is in use.</summary>
internal static class GarbageCollection
{
    private const long CollectKeyword = 0x800000;

    public static async Task ForceAsync(int processId)
    {
        var provider = new EventPipeProvider("Microsoft-Windows-DotNETRuntime", EventLevel.Informational, CollectKeyword);
        using var session = new DiagnosticsClient(processId).StartEventPipeSession([provider], requestRundown: false);
        var drained = session.EventStream.CopyToAsync(Stream.Null);
        await Task.Delay(500);
        await session.StopAsync(CancellationToken.None);
        await drained;
    }
}
