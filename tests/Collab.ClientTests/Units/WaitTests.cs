using Collab.ClientTests.Kit;
using Collab.TestKit;
using Xunit;

namespace Collab.ClientTests.Units;

[Collection(Alone.Name)]
public sealed class WaitTests
{
    [Fact]
    public void Waits_that_were_given_up_leave_nothing() => OfflineClient.Run(client =>
    {
        var given = new CancellationToken(canceled: true);
        var before = ManagedHeap.Alive;

        for (var i = 0; i < 100_000; i++) Assert.False(client.Connection.WaitForAsync(_ => false, given).IsCompletedSuccessfully);

        // It would be over 100 bytes each.
        ManagedHeap.AssertIsBack(before, allowed: 5_000_000);
    });
}
