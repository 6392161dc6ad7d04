using System.Collections.Concurrent;

namespace Collab.ClientTests.Kit;

/// <summary>Runs what a client does on the test's own thread, when the test says so: nothing happens at the same time as anything else.</summary>
internal sealed class Pump
{
    private readonly ConcurrentQueue<Action> _waiting = new();

    public void Post(Action action) => _waiting.Enqueue(action);

    /// <summary>Goes on until there is nothing left to do.</summary>
    public void Settle()
    {
        while (_waiting.TryDequeue(out var action)) action();
    }

    /// <summary>Runs a test without the test runner's context, which would carry parts of it to other threads.</summary>
    public static void Run(Action test)
    {
        var context = SynchronizationContext.Current;
        SynchronizationContext.SetSynchronizationContext(null);
        try
        {
            test();
        }
        finally
        {
            SynchronizationContext.SetSynchronizationContext(context);
        }
    }
}
