namespace Collab.Protocol;

/// <summary>What an <see cref="EndingCode"/> is on the wire, and what to do about it.</summary>
public static class EndingCodes
{
    /// <summary>The code as clients see it, for example <c>too_many</c>.</summary>
    /// <param name="code">The code.</param>
    /// <returns>Lower case, words joined by underscores.</returns>
    public static string ToWire(this EndingCode code) => code switch
    {
        EndingCode.Slow => "slow",
        EndingCode.Expired => "expired",
        EndingCode.Revoked => "revoked",
        EndingCode.Kicked => "kicked",
        EndingCode.Replaced => "replaced",
        EndingCode.Shutdown => "shutdown",
        EndingCode.TooMany => "too_many",
        EndingCode.Idle => "idle",
        EndingCode.Protocol => "protocol",
        _ => throw new ArgumentOutOfRangeException(nameof(code), code, "Not an ending code."),
    };

    /// <summary>
    /// Whether a client may come back by itself after this ending. A connection that has lost one run and is still in others may, whatever
    /// this says: the close message itself has the last word.
    /// </summary>
    /// <param name="code">The code.</param>
    /// <returns>False for <c>revoked</c> and <c>protocol</c>, true for all others.</returns>
    public static bool IsReconnectAllowed(this EndingCode code) => code is not (EndingCode.Revoked or EndingCode.Protocol);

    /// <summary>Reads a code as it is on the wire.</summary>
    /// <param name="wire">For example <c>too_many</c>.</param>
    /// <param name="code">The code, if there is one of that name.</param>
    /// <returns>False if there is no such code.</returns>
    public static bool TryParse(string? wire, out EndingCode code)
    {
        foreach (var known in Enum.GetValues<EndingCode>())
        {
            if (known.ToWire() != wire) continue;
            code = known;
            return true;
        }
        code = default;
        return false;
    }
}
