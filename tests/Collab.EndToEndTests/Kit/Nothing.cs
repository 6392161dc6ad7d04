using Xunit;

namespace Collab.EndToEndTests.Kit;

/// <summary>Expects a list of faults to be empty, and shows all of it if it is not.</summary>
internal static class Nothing
{
    public static void In(IEnumerable<string> faults)
    {
        var all = string.Join('\n', faults);
        Assert.True(all.Length == 0, all);
    }
}
