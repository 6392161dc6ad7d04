namespace Collab.Protocol;

/// <summary>What a MessagePack value is.</summary>
internal enum MessagePackKind
{
    Nil,
    Boolean,

    /// <summary>An integer up to <see cref="long.MaxValue"/>.</summary>
    Integer,

    /// <summary>An integer beyond that.</summary>
    LargeInteger,
    Single,
    Double,
    String,
    Array,
    Map,

    /// <summary>Bytes, a timestamp, or an extension: JSON has nothing like it.</summary>
    Foreign,
}

/// <summary>The beginning of a MessagePack value; of a container the values follow.</summary>
/// <param name="Kind">What it is.</param>
/// <param name="Bits">A number's, or how many bytes a text or something foreign has, or how many values or pairs a container.</param>
internal readonly record struct MessagePackToken(MessagePackKind Kind, long Bits)
{
    public int Length => (int)Bits;
}
