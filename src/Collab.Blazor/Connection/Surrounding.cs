using Collab.Client;
using Microsoft.AspNetCore.Components;

namespace Collab.Blazor;

/// <summary>What a component finds round it.</summary>
internal static class Surrounding
{
    /// <exception cref="InvalidOperationException">There is no run round the component.</exception>
    public static RunConnection Required(RunConnection? run, IComponent component) =>
        run ?? throw new InvalidOperationException(
            $"<{component.GetType().Name}> shows the run of the <{nameof(CollabConnection)}> that it is in, and it is in none.");
}
