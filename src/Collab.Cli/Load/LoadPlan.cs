namespace Collab.Cli.Load;

/// <summary>What a load is to do.</summary>
/// <param name="Runs">The runs; the clients are dealt out to them in turn.</param>
/// <param name="Clients">How many follow and publish.</param>
/// <param name="Rate">Events a second, of all clients together.</param>
/// <param name="Duration">How long they publish.</param>
/// <param name="Payload">Bytes of each event's data.</param>
internal sealed record LoadPlan(IReadOnlyList<Guid> Runs, int Clients, double Rate, TimeSpan Duration, int Payload)
{
    /// <summary>The least that the data of an event take.</summary>
    public const int SmallestPayload = 40;

    /// <summary>Events in all.</summary>
    public long Events => (long)Math.Round(Rate * Duration.TotalSeconds);

    /// <summary>When an event is due, from the start.</summary>
    public TimeSpan DueAt(long index) => TimeSpan.FromSeconds(index / Rate);
}
