namespace Collab.Client;

/// <summary>What a link over HTTP asks and tells. Nothing is told after its end.</summary>
internal interface IHttpLinkOwner
{
    /// <summary>The position to poll from; null: from the start.</summary>
    long? Position { get; }

    /// <summary>Up to which number the run is applied; null: the server has not shown that it takes that.</summary>
    long? Seen { get; }

    /// <summary>The state that is known is not the server's.</summary>
    bool WantsState { get; }

    /// <summary>A poll was answered. False: there is more, poll again.</summary>
    bool Polled(HttpLink link, RunAnswer answer, long? asked, TimeSpan roundTrip);

    /// <summary>A poll failed; the next one comes all the same.</summary>
    void PollFailed(Exception reason);
}
