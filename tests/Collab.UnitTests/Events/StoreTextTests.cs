using Collab.AspNetCore.Events;
using Xunit;

namespace Collab.UnitTests.Events;

/// <summary>Text that a store refuses is recognised before it can reach a batch.</summary>
public sealed class StoreTextTests
{
    // Not theories: an attribute cannot hold half a surrogate pair.
    [Fact]
    public void Whole_characters_can_be_held() =>
        Assert.All((string[])["", "plain", "ü \ud83d\ude00\ud83d\ude00", "\u0001\n\ufffd"], text => Assert.True(StoreText.CanHold(text)));

    [Fact]
    public void Null_and_halves_of_characters_cannot() => Assert.All(
        (string[])["a\0", "\ud83d", "\ud83dx", "\ude00", "\ude00\ud83d", "\ud83d\ud83d\ude00", "\ud83d\ude00\ude00"],
        text => Assert.False(StoreText.CanHold(text)));
}
