using System.Buffers.Text;
using System.Text;
using System.Text.Json;
using Collab.AspNetCore;
using Collab.Protocol;
using Collab.TestKit;
using Xunit;

namespace Collab.UnitTests.Signatures;

/// <summary>What clients sign is what docs/protocol.md says, byte for byte: the example was made by another program.</summary>
public sealed class PublishExampleTests
{
    private static readonly JsonElement Example =
        JsonElement.Parse(File.ReadAllText(Path.Combine(Repository.Root, "tests", "conformance", "signing", "publish.json")));

    [Fact]
    public void Users_have_the_secrets_of_the_example()
    {
        foreach (var user in Example.GetProperty("users").EnumerateArray())
            Assert.Equal(Text(user, "secret"), ClientSecrets.For(Text(Example, "secret"), Text(user, "userId")));
        Assert.Throws<ArgumentException>(() => ClientSecrets.For("too short", "alice"));
        Assert.Throws<ArgumentException>(() => ClientSecrets.For(Text(Example, "secret"), ""));
    }

    [Fact]
    public void Publishes_have_the_form_of_the_example_and_its_signatures_are_right_and_no_others()
    {
        var publicKey = ClientKey.Ed25519(Base64Url.DecodeFromChars(Text(Example.GetProperty("jwk"), "x")));
        foreach (var example in Example.GetProperty("publishes").EnumerateArray())
        {
            var publish = example.GetProperty("publish").Deserialize<SignedPublish>(JsonSerializerOptions.Web);
            var form = new CanonicalForm();
            form.Write(publish, example.GetProperty("timestamp").GetInt64(), Text(example, "nonce"));

            Assert.Equal(Text(example, "form"), Encoding.UTF8.GetString(form.Written));
            var secret = ClientKey.Secret(ClientSecrets.For(Text(Example, "secret"), publish.UserId));
            Assert.True(secret.IsOf(form.Written, Text(example, "hmac")));
            Assert.True(publicKey.IsOf(form.Written, Text(example, "ed25519")));
            Assert.False(secret.IsOf(form.Written, Text(example, "ed25519")));
            Assert.False(publicKey.IsOf(form.Written, Text(example, "hmac")));
            Assert.False(secret.IsOf(form.Written[1..], Text(example, "hmac")));
            Assert.False(publicKey.IsOf(form.Written[1..], Text(example, "ed25519")));
        }
    }

    private static string Text(JsonElement json, string name) => json.GetProperty(name).GetString()!;
}
