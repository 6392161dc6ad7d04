using System.Buffers.Text;
using System.Text;
using System.Text.Json;
using Collab.Client;
using Collab.Protocol;
using Collab.TestKit;
using Xunit;

namespace Collab.ClientTests.Units;

/// <summary>What the client signs is what the example for all clients says.</summary>
public sealed class PublishSignerTests
{
    private static readonly JsonElement Example =
        JsonElement.Parse(File.ReadAllText(Path.Combine(Repository.Root, "tests", "conformance", "signing", "publish.json")));

    [Fact]
    public async Task Signatures_are_those_of_the_example()
    {
        foreach (var example in Example.GetProperty("publishes").EnumerateArray())
        {
            var userId = Text(example.GetProperty("publish"), "userId");
            var secret = Example.GetProperty("users").EnumerateArray().Where(u => Text(u, "userId") == userId).Select(u => Text(u, "secret")).Single();
            var form = Encoding.UTF8.GetBytes(Text(example, "form"));
            var got = PublishSigner.Hmac((user, _) => new(user == userId ? secret : null));

            foreach (var signer in (PublishSigner[])[PublishSigner.Hmac(secret), got])
                Assert.Equal(Text(example, "hmac"), Base64Url.EncodeToString((await signer.SignAsync(form, userId, CancellationToken.None))!));
            Assert.Null(await got.SignAsync(form, "somebody else", CancellationToken.None));
        }
    }

    [Fact]
    public async Task Events_are_signed_in_the_form_of_the_example_each_with_a_nonce_of_its_own()
    {
        var forms = new List<string>();
        var signer = PublishSigner.With((form, _, _) =>
        {
            forms.Add(Encoding.UTF8.GetString(form.Span));
            return new([1, 2, 3]);
        });
        var strand = new Strand(action => action(), Microsoft.Extensions.Logging.Abstractions.NullLogger.Instance);
        var examples = Example.GetProperty("publishes").EnumerateArray().ToArray();
        foreach (var example in examples)
        {
            var (publish, timestamp) = (example.GetProperty("publish"), example.GetProperty("timestamp").GetInt64());
            var signing = new PublishSigning(signer, strand, () => DateTimeOffset.FromUnixTimeMilliseconds(timestamp));
            var send = publish.Deserialize<PublishRequest>(JsonSerializerOptions.Web)!;
            var signed = await signing.SignAsync(publish.GetProperty("runId").GetGuid(), Text(publish, "userId"), [send, send], CancellationToken.None);

            Assert.Equal(2, signed.Select(s => s.Signature!.Nonce).Distinct(StringComparer.Ordinal).Count());
            Assert.All(signed, s => Assert.Equal((timestamp, "AQID"), (s.Signature!.Timestamp, s.Signature.Value)));
            Assert.All(signed, s => Assert.Matches("^[A-Za-z0-9_-]{16,64}$", s.Signature!.Nonce));
            var form = Text(example, "form").Replace(
                $"s5:nonces{Text(example, "nonce").Length}:{Text(example, "nonce")}", $"s5:nonces22:{signed[1].Signature!.Nonce}", StringComparison.Ordinal);
            Assert.Equal(form, forms[^1]);
        }
        Assert.Equal(2 * examples.Length, forms.Count);
    }

    private static string Text(JsonElement json, string name) => json.GetProperty(name).GetString()!;
}
