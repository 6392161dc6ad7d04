using Collab.AspNetCore.Events;

namespace Collab.AspNetCore.Handlers;

/// <summary>The handlers of this application, in the order of their registration.</summary>
internal sealed class HandlerTable
{
    private const int MaxNameLength = 128;

    /// <exception cref="InvalidOperationException">A handler cannot be run as it was registered.</exception>
    public HandlerTable(IEnumerable<HandlerRegistration> registrations, EventTypeTable types)
    {
        All = [.. registrations.Select(registration => new Handler(registration, types))];
        foreach (var handler in All) Check(handler);
    }

    public Handler[] All { get; }

    public Handler? Find(string name) => Array.Find(All, handler => handler.Name == name);

    private void Check(Handler handler)
    {
        var options = handler.Options;
        if (handler.Name.Length is 0 or > MaxNameLength || !StoreText.CanHold(handler.Name))
            throw new InvalidOperationException($"Handler '{handler.Name}': a name has 1 to {MaxNameLength} characters.");
        if (All.Count(h => h.Name == handler.Name) > 1)
            throw new InvalidOperationException($"Handler '{handler.Name}' is registered twice. Give each a name of its own.");
        var areDelaysRight = options.FirstDelay >= TimeSpan.Zero && options.LongestDelay >= options.FirstDelay;
        if (options.Attempts < 1 || options.Parallelism < 1 || !areDelaysRight)
        {
            throw new InvalidOperationException(
                $"Handler '{handler.Name}': Attempts and Parallelism must be 1 or more, FirstDelay 0 or more, and LongestDelay no less.");
        }
    }
}
