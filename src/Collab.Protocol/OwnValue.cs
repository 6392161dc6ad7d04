using System.Text.Json;

namespace Collab.Protocol;

/// <summary>An application's state of one run, after some event. It never changes; the next event makes another, or leaves it.</summary>
internal abstract class OwnValue
{
    private readonly byte[]? _last;
    private byte[]? _json;

    /// <param name="last">The newest JSON before it, if that is known.</param>
    protected OwnValue(byte[]? last) => _last = last;

    public abstract string Name { get; }

    /// <summary>As JSON. A value without a JSON counts as the last one that had one.</summary>
    public byte[] Json => _json ??= Serialize() ?? _last ?? "{}"u8.ToArray();

    public JsonElement Element => JsonElement.Parse(Json);

    /// <summary>The newest JSON that is made already.</summary>
    protected byte[]? Known => _json ?? _last;

    /// <summary>The value after one more event: this one if it changes nothing.</summary>
    public abstract OwnValue After(CollaborationEvent e);

    protected abstract byte[]? Serialize();
}

internal sealed class OwnValue<T>(OwnState<T> rule, T state, byte[]? last) : OwnValue(last)
{
    public T State => state;

    public override string Name => rule.Name;

    public override OwnValue After(CollaborationEvent e)
    {
        var after = rule.Fold(state, e);
        return EqualityComparer<T>.Default.Equals(after, state) ? this : new OwnValue<T>(rule, after, Known);
    }

    protected override byte[]? Serialize() => rule.ToJson(state);
}
