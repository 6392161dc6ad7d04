using System.Buffers.Text;
using System.Collections.Concurrent;
using System.Security.Claims;
using Collab.AspNetCore;
using Collab.IntegrationTests.Configuration;
using Collab.IntegrationTests.Embedding;
using Collab.IntegrationTests.RunLog;
using Collab.Protocol;
using Collab.TestKit;
using Microsoft.Extensions.DependencyInjection;
using Org.BouncyCastle.Math.EC.Rfc8032;
using Xunit;

namespace Collab.IntegrationTests.Security;

/// <summary>Whose key counts: the one that the token names and no other, the application's, one made of the servers' secret, or none.</summary>
[Collection(SharedPostgres.Name)]
public sealed class SigningKeysOfUsersTests(PostgresFixture postgres)
{
    private const string Root = SigningServer.Root;
    private static readonly byte[] PrivateKey = [.. Enumerable.Range(1, 32).Select(n => (byte)n)];
    private static readonly KeyValuePair<string, string?> Required = new("Collab:Signing:Clients:Required", "true");
    private static readonly KeyValuePair<string, string?> Secret = new("Collab:Signing:Clients:Secret:0", Root);
    private static readonly TestSigner Derived = TestSigner.Derived("alice", Root);
    private static readonly TestSigner Ed = new("alice", SignEd25519);

    public static TheoryData<Way> Ways => SignedSending.Ways;

    private static string PublicKey
    {
        get
        {
            var bytes = new byte[32];
            Ed25519.GeneratePublicKey(PrivateKey, 0, bytes, 0);
            return Base64Url.EncodeToString(bytes);
        }
    }

    [Theory, MemberData(nameof(Ways))]
    public async Task A_token_that_names_a_key_is_good_with_that_key_alone(Way way)
    {
        await using var server = await ServerUnderTest.StartAsync(null, Required, Secret);
        var (run, bound) = (Guid.NewGuid(), TestTokens.Create("alice", confirmation: Confirmation(PublicKey)));

        Assert.Equal(1, (await SendAsync(bound, Ed.Flag(run, "mine"))).Number);
        Assert.Equal("forbidden", (await SendAsync(bound, Derived.Flag(run, "by the secret"))).Code);
        Assert.Equal("forbidden", (await SendAsync(bound, new { eventType = "FLAG", data = new { stepId = "PM" } })).Code);
        Assert.Equal("forbidden", (await SendAsync(TestTokens.Create("alice"), Ed.Flag(run, "a key that no token names"))).Code);
        Assert.Equal(2, (await SendAsync(TestTokens.Create("alice"), Derived.Flag(run, "by the secret"))).Number);
        // What a token says of other proofs is not about this.
        Assert.Equal(3, (await SendAsync(TestTokens.Create("alice", confirmation: new { jkt = "x" }), Derived.Flag(run, "by the secret"))).Number);

        Task<Sent> SendAsync(string token, object e) => SignedSending.SendAsync(server.Process.BaseAddress, way, token, run, e);
    }

    [Theory, MemberData(nameof(Ways))]
    public async Task A_token_whose_key_is_none_is_good_for_nothing_and_harms_nobody(Way way)
    {
        await using var server = await ServerUnderTest.StartAsync(null, Required, Secret);
        var run = Guid.NewGuid();
        object[] confirmations =
        [
            "text", 5, true, new { jwk = "x" }, new { jwk = new { kty = "RSA" } }, Confirmation(""), Confirmation("AA"), Confirmation(new string('A', 43)), Confirmation("%"), Confirmation(new string('A', 5000)),
            Confirmation(Base64Url.EncodeToString([1, .. new byte[31]])), new object[] { Confirmation(PublicKey), Confirmation(PublicKey) },
        ];
        foreach (var confirmation in confirmations)
        {
            var token = TestTokens.Create("alice", confirmation: confirmation);
            foreach (var signer in (TestSigner[])[Ed, Derived])
            {
                var sent = await SignedSending.SendAsync(server.Process.BaseAddress, way, token, run, signer.Flag(run, "x"));
                Assert.True(sent.Code == "forbidden", $"{System.Text.Json.JsonSerializer.Serialize(confirmation)} {sent}");
            }
        }
        Assert.Equal(1, (await SignedSending.SendAsync(server.Process.BaseAddress, way, TestTokens.Create("alice"), run, Derived.Flag(run, "fine"))).Number);
        Assert.DoesNotContain("fail: ", server.Process.Log, StringComparison.Ordinal);
    }

    [Theory, MemberData(nameof(Ways))]
    public async Task Where_nothing_is_configured_nothing_is_looked_at(Way way)
    {
        await using var server = await ServerUnderTest.StartAsync(null);
        var (run, token) = (Guid.NewGuid(), TestTokens.Create("alice", confirmation: "nonsense"));
        var once = Derived.Flag(run, "x");
        object[] events =
        [
            once, Derived.Flag(run, "old", 1), new { eventType = "FLAG", data = new { stepId = "PM" }, signature = "x" },
            new { eventType = "FLAG", data = new { stepId = "PM" }, signature = new { timestamp = "x", nonce = 5, value = new { } } },
        ];
        for (var n = 0; n < events.Length; n++) Assert.Equal(n + 1, (await SendAsync(events[n])).Number);
        var again = await SendAsync(once);
        Assert.Equal((1, true), (again.Number, again.Ack.GetProperty("duplicate").GetBoolean()));

        Task<Sent> SendAsync(object e) => SignedSending.SendAsync(server.Process.BaseAddress, way, token, run, e);
    }

    [Theory, MemberData(nameof(Ways))]
    public async Task Where_it_is_not_required_what_is_signed_must_be_right_and_the_rest_need_not_be(Way way)
    {
        await using var server = await ServerUnderTest.StartAsync(null, Secret);
        var run = Guid.NewGuid();
        await using var hub = await server.ConnectAsync();

        Assert.Equal(1, (await SendAsync(new { eventType = "FLAG", data = new { stepId = "PM" } })).Number);
        Assert.Equal(2, (await SendAsync(Derived.Flag(run, "right"))).Number);
        Assert.Equal("forbidden", (await SendAsync(TestSigner.Derived("bob", Root).Flag(run, "wrong"))).Code);
        Assert.Equal("forbidden", (await SendAsync(Derived.Flag(run, "old", 1))).Code);
        Assert.Equal(3, (await hub.GraftAsync(run)).SequenceNumber);

        Task<Sent> SendAsync(object e) => SignedSending.SendAsync(server.Process.BaseAddress, way, TestTokens.Create("alice"), run, e);
    }

    [Fact]
    public async Task Without_a_secret_those_may_whose_tokens_name_a_key()
    {
        await using var server = await ServerUnderTest.StartAsync(null, Required);
        var run = Guid.NewGuid();

        var bound = TestTokens.Create("alice", confirmation: Confirmation(PublicKey));
        Assert.Equal(1, (await SignedSending.SendAsync(server.Process.BaseAddress, Way.Http, bound, run, Ed.Flag(run, "mine"))).Number);
        var sent = await SignedSending.SendAsync(server.Process.BaseAddress, Way.Http, TestTokens.Create("alice"), run, Derived.Flag(run, "x"));
        Assert.Equal(("forbidden", "There is no key of this user to verify the signature with."), (sent.Code, sent.Message));
    }

    [Fact]
    public async Task Another_server_takes_a_signature_again_and_finds_the_event_stored()
    {
        var database = await postgres.CreateDatabaseAsync();
        await using var one = await ServerUnderTest.StartAsync(database, Required, Secret);
        await using var two = await ServerUnderTest.StartAsync(database, Required, Secret);
        var run = Guid.NewGuid();
        var e = Derived.Flag(run, "once");
        var token = TestTokens.Create("alice");

        Assert.Equal(1, (await SignedSending.SendAsync(one.Process.BaseAddress, Way.HubBatch, token, run, e)).Number);
        Assert.Equal("forbidden", (await SignedSending.SendAsync(one.Process.BaseAddress, Way.Http, token, run, e)).Code);
        var there = await SignedSending.SendAsync(two.Process.BaseAddress, Way.Http, token, run, e);
        Assert.Equal((1, true), (there.Number, there.Ack.GetProperty("duplicate").GetBoolean()));
        Assert.Equal("forbidden", (await SignedSending.SendAsync(two.Process.BaseAddress, Way.HubBatch, token, run, e)).Code);
        Assert.Single(await one.ReadAsync(run));
    }

    [Fact]
    public async Task An_application_gives_keys_of_its_own_and_signs_nothing_itself()
    {
        await using var application = await EmbeddedApplication.StartAsync(collab => collab.UseClientKeys<Keys>(), [Required]);
        var keys = (Keys)application.Services.GetRequiredService<IClientKeys>();
        var run = Guid.NewGuid();
        const string Own = "a secret of the application's own, of 32+";
        keys.Of["alice"] = [ClientKey.Secret(Own), ClientKey.Ed25519(Base64Url.DecodeFromChars(PublicKey))];

        Assert.Equal(1, (await SendAsync("alice", TestSigner.Hmac("alice", Own).Flag(run, "by the secret"))).Number);
        Assert.Equal(2, (await SendAsync("alice", Ed.Flag(run, "by the key"))).Number);
        Assert.Equal("forbidden", (await SendAsync("alice", Derived.Flag(run, "x"))).Code);
        Assert.Equal("forbidden", (await SendAsync("bob", TestSigner.Hmac("bob", Own).Flag(run, "x"))).Code);
        Assert.Equal("unavailable", (await SendAsync("fails", TestSigner.Hmac("fails", Own).Flag(run, "x"))).Code);
        await application.Errors.WaitForAsync(errors => errors.Any(e => e.Contains("keys", StringComparison.Ordinal)));
        var ack = await application.Services.GetRequiredService<ICollab>().Run(run).PublishAsync(NewEvent.Create(EventTypes.Flag, new { stepId = "PM" }));
        Assert.Equal(3, ack.SequenceNumber);

        Task<Sent> SendAsync(string user, object e) => SignedSending.SendAsync(application.Address, Way.HubBatch, TestTokens.Create(user), run, e);
    }

    [Fact]
    public async Task A_server_that_could_take_nothing_does_not_start_and_in_development_it_gives_each_user_their_secret()
    {
        var (exitCode, output) = await RefusedStart.RunAsync("Development", "http://127.0.0.1:0", (Required.Key, "true"));
        Assert.NotEqual(0, exitCode);
        Assert.Contains("Collab:Signing:Clients:Secret must be set", output, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", output, StringComparison.Ordinal);

        await using var server = await ServerProcess.StartAsync(new ServerSettings
        {
            Environment = "Development",
            Configuration = new Dictionary<string, string?> { ["Collab:Auth:SigningKey"] = null, [Required.Key] = "true", [Secret.Key] = Root },
        });
        using var api = new ApiClient(server.BaseAddress, token: null);
        var given = (await api.GetAsync<DevToken>("dev/token?user=alice")).Value;
        Assert.Equal(TestSigner.SecretOf("alice", Root), given.SigningSecret);
        var run = Guid.NewGuid();
        Assert.Equal(1, (await SignedSending.SendAsync(server.BaseAddress, Way.Http, given.Token, run, TestSigner.Hmac("alice", given.SigningSecret!).Flag(run, "x"))).Number);
    }

    private static object Confirmation(string x) => new { jwk = new { kty = "OKP", crv = "Ed25519", x } };

    private static byte[] SignEd25519(byte[] form)
    {
        var signature = new byte[64];
        Ed25519.Sign(PrivateKey, 0, form, 0, form.Length, signature, 0);
        return signature;
    }

    private sealed class Keys : IClientKeys
    {
        public ConcurrentDictionary<string, IReadOnlyList<ClientKey>> Of { get; } = new(StringComparer.Ordinal);

        public async ValueTask<IReadOnlyList<ClientKey>> GetAsync(string userId, ClaimsPrincipal user)
        {
            await Task.Yield();
            return userId == "fails" ? throw new InvalidOperationException("The table of keys is away.") : Of.GetValueOrDefault(userId) ?? [];
        }
    }
}
