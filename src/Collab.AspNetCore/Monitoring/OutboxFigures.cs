namespace Collab.AspNetCore.Monitoring;

/// <summary>How much was in the outbox when it was last looked at.</summary>
/// <param name="Depth">Events that wait.</param>
/// <param name="OldestAge">How long the first of them had waited, seconds.</param>
/// <param name="SetAside">Events that cannot be published.</param>
internal sealed record OutboxFigures(int Depth, double OldestAge, int SetAside);
