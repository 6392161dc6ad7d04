using System.Text;
using Collab.TestKit;

namespace Collab.Hostile.Inputs;

/// <summary>What inputs are made of: files of the repository, an honest or known input a line.</summary>
internal static class Corpus
{
    public static IReadOnlyList<string> Lines(string name) =>
        [.. File.ReadLines(Path.Combine(Repository.Root, "tests/Collab.Hostile/Corpus", name)).Where(line => line.Length > 0)];

    public static IReadOnlyList<byte[]> Texts(string name) => [.. Lines(name).Select(Encoding.UTF8.GetBytes)];

    public static IReadOnlyList<byte[]> Bytes(string name) => [.. Lines(name).Select(Convert.FromHexString)];
}
