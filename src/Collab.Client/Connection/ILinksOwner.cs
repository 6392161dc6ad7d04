namespace Collab.Client;

/// <summary>What the links of a run tell, once they have done their part.</summary>
internal interface ILinksOwner
{
    /// <summary>A hub link joined the run and carries it from now on.</summary>
    void Joined();

    /// <summary>A hub link was lost or never came to be.</summary>
    /// <param name="wasLive">Whether it carried the run.</param>
    /// <param name="reason">Why, as far as that is known.</param>
    void Ended(bool wasLive, Exception? reason);

    /// <summary>A poll was answered.</summary>
    void Polled();

    /// <summary>A poll failed; the next one comes all the same.</summary>
    void PollFailed(Exception reason);

    /// <summary>There is no new token in time.</summary>
    void RenewalFailed(Exception reason);

    /// <summary>The run has ended, and there is nothing left to get or to send: a poll is not needed any more.</summary>
    void Over();

    /// <summary>Something that applications see has changed.</summary>
    void Changed();
}
