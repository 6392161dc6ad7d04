namespace Collab.AspNetCore.FanOut;

/// <summary>A form in which a transport sends frames. There are few, each made once for the whole process.</summary>
internal abstract class FrameForm
{
    /// <summary>So many there can be: each has a place on every frame.</summary>
    public const int Most = 6;

    private static int _count;

    protected FrameForm() => Index = Interlocked.Increment(ref _count) - 1;

    /// <summary>Its place on a frame.</summary>
    public int Index { get; }
}

/// <param name="make">Makes it of a frame; it is kept on the frame.</param>
internal sealed class FrameForm<T>(Func<Frame, T> make) : FrameForm where T : class
{
    public Func<Frame, T> Make { get; } = make;
}
