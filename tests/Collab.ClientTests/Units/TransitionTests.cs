using Collab.Client;
using Collab.Protocol;
using Xunit;
using static Collab.Client.ConnectionState;

namespace Collab.ClientTests.Units;

/// <summary>What each signal makes of each state.</summary>
public sealed class TransitionTests
{
    private static readonly CollabException Error = new(CollabErrorCode.Forbidden, "No.");
    private static readonly DateTimeOffset Then = DateTimeOffset.UnixEpoch.AddSeconds(1);
    private static readonly DateTimeOffset Later = DateTimeOffset.UnixEpoch.AddSeconds(9);

    private static readonly Dictionary<string, ConnectionState> States = new()
    {
        ["idle"] = new Idle(),
        ["connecting"] = new Connecting(),
        ["live"] = new Live(),
        ["waiting"] = new Reconnecting(2, Then),
        ["trying"] = new Reconnecting(2, null),
        ["polling"] = new Polling(Probing: false, Reachable: true),
        ["probing"] = new Polling(Probing: true, Reachable: false),
        ["closed"] = new Closed(null),
        ["refused"] = new Closed(Error),
    };

    private static readonly (string Name, Signal Signal)[] Signals =
    [
        ("connect", new Signal.Connect()),
        ("attempt", new Signal.Attempt()),
        ("joined", new Signal.Joined()),
        ("failed", new Signal.Failed(3, Fallback: false, Later)),
        ("failed often", new Signal.Failed(5, Fallback: true, Later)),
        ("polled", new Signal.Polled(Reachable: true)),
        ("not polled", new Signal.Polled(Reachable: false)),
        ("close", new Signal.Close(null)),
        ("refuse", new Signal.Close(Error)),
    ];

    private static readonly ConnectionState Connect = new Connecting();
    private static readonly ConnectionState Joined = new Live();
    private static readonly ConnectionState Again = new Reconnecting(4, Later);
    private static readonly ConnectionState Fallback = new Polling(Probing: false, Reachable: false);
    private static readonly ConnectionState Closed = new Closed(null);
    private static readonly ConnectionState Refused = new Closed(Error);

    // In the order of the signals above. null: the very same object.
    private static readonly Dictionary<string, ConnectionState?[]> Table = new()
    {
        ["idle"] = [Connect, null, null, null, null, null, null, Closed, Refused],
        ["connecting"] = [null, null, Joined, Again, Fallback, null, null, Closed, Refused],
        ["live"] = [null, null, null, Again, Fallback, null, null, Closed, Refused],
        ["waiting"] = [null, new Reconnecting(2, null), Joined, Again, Fallback, null, null, Closed, Refused],
        ["trying"] = [null, null, Joined, Again, Fallback, null, null, Closed, Refused],
        ["polling"] = [null, new Polling(Probing: true, Reachable: true), Joined, null, null, null, Fallback, Closed, Refused],
        ["probing"] = [null, null, Joined, Fallback, Fallback, new Polling(Probing: true, Reachable: true), null, Closed, Refused],
        ["closed"] = [Connect, null, null, null, null, null, null, null, null],
        ["refused"] = [Connect, null, null, null, null, null, null, null, null],
    };

    public static IEnumerable<object[]> Pairs => States.Keys.SelectMany(state => Signals.Select(signal => new object[] { state, signal.Name }));

    [Theory]
    [MemberData(nameof(Pairs))]
    public void A_signal_changes_a_state(string state, string signal)
    {
        var index = Array.FindIndex(Signals, s => s.Name == signal);

        var after = Transition.Next(States[state], Signals[index].Signal);

        if (Table[state][index] is { } expected) Assert.Equal(expected, after);
        else Assert.Same(States[state], after);
    }
}
