using System.Buffers.Text;
using System.Text.Json;
using Collab.Client;
using Collab.Protocol;
using Collab.TestKit;
using Org.BouncyCastle.Math.EC.Rfc8032;
using Xunit;

namespace Collab.ClientTests.RealServer;

/// <summary>A real server that takes signed publishes alone, and a client that signs, whichever way it goes and however long it was away.</summary>
public sealed class SignedPublishTests : IAsyncLifetime
{
    private const string Root = "the secret of a server for tests, of 32+";

    private readonly Guid _run = Guid.NewGuid();
    private ServerProcess _server = null!;
    private TcpProxy _proxy = null!;

    private static PublishSigner Signer => PublishSigner.Hmac(TestSigner.SecretOf("alice", Root));

    public async Task InitializeAsync()
    {
        _server = await ServerProcess.StartAsync(new ServerSettings
        {
            Configuration = new Dictionary<string, string?>(LiveServer.Unlimited)
            {
                ["Collab:Signing:Clients:Required"] = "true",
                ["Collab:Signing:Clients:Secret:0"] = Root,
                ["Collab:Events:TYPING"] = "Ephemeral",
            },
        });
        _proxy = Before(_server.BaseAddress);
    }

    public async Task DisposeAsync()
    {
        await _proxy.DisposeAsync();
        await _server.DisposeAsync();
    }

    [Theory]
    [InlineData(HubProtocol.Json)]
    [InlineData(HubProtocol.MessagePack)]
    public async Task What_a_client_signs_is_taken_alone_and_in_batches_whatever_is_in_it(HubProtocol protocol)
    {
        await using var client = NewClient(Signer, options => options.Protocol = protocol);
        await using var run = await client.ConnectAsync(_run).WaitAsync(Patience.Default);
        var data = JsonElement.Parse("""{"stepId":"ä 😀","ﬁ":1,"😀":2,"z":1e21,"a":[-0.0,0.1,null,true,9007199254740991,{}],"a2":"x","stepId":"twice"}""");

        var acks = await Task.WhenAll(Enumerable.Range(0, 150).Select(_ => run.PublishAsync(EventTypes.Flag, data))).WaitAsync(Patience.Process);
        Assert.Equal(Enumerable.Range(1, 150).Select(n => (long?)n), acks.Select(ack => ack.SequenceNumber));
        Assert.Equal(151, (await run.GraftAsync("PM", "scanner", basedOnSequence: 150).WaitAsync(Patience.Default)).SequenceNumber);
        await using var bob = NewClient(PublishSigner.Hmac(TestSigner.SecretOf("bob", Root)), options => options.Token = _ => new(TestTokens.Create("bob")));
        Assert.Equal(152, Assert.Single(await bob.PublishBatchAsync(_run, [new(EventTypes.Flag, JsonElement.Parse("""{"stepId":"PM"}"""), null)])).Ack!.SequenceNumber);
        var clash = await Assert.ThrowsAsync<CollabException>(() => run.PruneAsync("PM", true, basedOnSequence: 151).WaitAsync(Patience.Default));
        Assert.Equal(CollabErrorCode.Conflict, clash.Code);
        run.Retry(Assert.Single(run.Snapshot.Pending).MessageId);
        await run.WaitForAsync(now => now.LastSequence == 153 && now.Pending.Count == 0).WaitAsync(Patience.Default);
        Assert.Null((await run.PublishAsync("TYPING", JsonElement.Parse("{}")).WaitAsync(Patience.Default)).SequenceNumber);
        run.MoveCursor("PM");
        var results = await client.PublishBatchAsync(_run, [new(EventTypes.Flag, data, null), new(EventTypes.Flag, data, Guid.NewGuid())], isAtomic: true);
        Assert.Equal([154, 155], results.Select(result => result.Ack!.SequenceNumber));
    }

    [Fact]
    public async Task What_waited_is_signed_when_it_is_sent_by_polling_and_after_a_loss()
    {
        _proxy.RefuseAll(true);
        await using var client = NewClient(Signer, options => options.FallbackAfter = 1);
        await using var run = client.Open(_run);
        var waiting = Enumerable.Range(0, 30).Select(_ => run.FlagAsync("PM")).ToArray();
        await run.WaitForAsync(now => now.QueuedCount == 30).WaitAsync(Patience.Default);

        _proxy.RefuseWebSockets(true);
        _proxy.RefuseAll(false);
        await Task.WhenAll(waiting).WaitAsync(Patience.Process);
        Assert.IsType<ConnectionState.Polling>(run.Snapshot.Connection);
        Assert.Equal(31, (await run.FlagAsync("PM").WaitAsync(Patience.Process)).SequenceNumber);

        _proxy.RefuseWebSockets(false);
        await run.WaitForAsync(now => now.Connection is ConnectionState.Live).WaitAsync(Patience.Process);
        Assert.Equal(32, (await run.FlagAsync("PM").WaitAsync(Patience.Process)).SequenceNumber);
        _proxy.Cut(_ => true);
        Assert.Equal(33, (await run.FlagAsync("PM").WaitAsync(Patience.Process)).SequenceNumber);
    }

    [Theory]
    [InlineData(-3)]
    [InlineData(3)]
    public async Task A_client_whose_clock_is_hours_off_signs_with_the_time_of_the_server(int hours)
    {
        var time = new SkewedTime(TimeSpan.FromHours(hours));
        await using var client = NewClient(Signer, _ => { }, time);
        await using var run = client.Open(_run, connect: false);
        var waiting = run.FlagAsync("PM");
        run.Connect();
        Assert.Equal(1, (await waiting.WaitAsync(Patience.Process)).SequenceNumber);
        Assert.Equal(2, (await run.FlagAsync("PM").WaitAsync(Patience.Process)).SequenceNumber);
        await using var another = NewClient(Signer, _ => { }, time);
        Assert.Equal(3, (await another.PublishBatchAsync(_run, [new(EventTypes.Flag, JsonElement.Parse("""{"stepId":"PM"}"""), null)]))[0].Ack!.SequenceNumber);
        await using var third = NewClient(Signer, _ => { }, time);
        Assert.Equal(4, (await third.PublishBatchAsync(_run, [new(EventTypes.Flag, JsonElement.Parse("""{"stepId":"PM"}"""), null)], isAtomic: true))[0].Ack!.SequenceNumber);
    }

    [Fact]
    public async Task A_signer_of_the_applications_own_signs_by_Ed25519()
    {
        byte[] privateKey = [.. Enumerable.Range(1, 32).Select(n => (byte)n)];
        var publicKey = new byte[32];
        Ed25519.GeneratePublicKey(privateKey, 0, publicKey, 0);
        var confirmation = new { jwk = new { kty = "OKP", crv = "Ed25519", x = Base64Url.EncodeToString(publicKey) } };
        var signer = PublishSigner.With((form, userId, _) =>
        {
            Assert.Equal("alice", userId);
            var signature = new byte[64];
            Ed25519.Sign(privateKey, 0, form.ToArray(), 0, form.Length, signature, 0);
            return new(signature);
        });
        await using var client = NewClient(signer, options => options.Token = _ => new(TestTokens.Create("alice", confirmation: confirmation)));
        await using var run = await client.ConnectAsync(_run).WaitAsync(Patience.Default);

        Assert.Equal(1, (await run.FlagAsync("PM").WaitAsync(Patience.Default)).SequenceNumber);
    }

    [Fact]
    public async Task Who_does_not_sign_or_cannot_is_told_why_and_asked_for_the_secret_of_the_user_that_is_there()
    {
        await using var plain = NewClient(signer: null);
        await using var mute = await plain.ConnectAsync(_run).WaitAsync(Patience.Default);
        var refused = await Assert.ThrowsAsync<CollabException>(() => mute.FlagAsync("PM").WaitAsync(Patience.Default));
        Assert.Equal(CollabErrorCode.Forbidden, refused.Code);
        Assert.Contains("signed", refused.Message, StringComparison.Ordinal);

        var asked = new List<string>();
        await using var client = NewClient(PublishSigner.Hmac((userId, _) =>
        {
            lock (asked) asked.Add(userId);
            return asked.Count == 1 ? throw new InvalidOperationException("The vault is away.") : new(TestSigner.SecretOf(userId, Root));
        }));
        await using var run = await client.ConnectAsync(_run).WaitAsync(Patience.Default);
        Assert.Equal(1, (await run.FlagAsync("PM").WaitAsync(Patience.Process)).SequenceNumber);
        Assert.Equal(["alice", "alice"], asked);
        Assert.Throws<ArgumentException>(() => PublishSigner.Hmac("too short"));
    }

    private static TcpProxy Before(Uri server) => new(server);

    private CollabClient NewClient(PublishSigner? signer, Action<CollabClientOptions>? configure = null, TimeProvider? time = null)
    {
        var options = LiveServer.OptionsOf(_proxy.BaseAddress, "alice");
        options.PublishSigner = signer;
        configure?.Invoke(options);
        return new(options, time: time);
    }

    /// <summary>This machine's clock, set wrongly.</summary>
    private sealed class SkewedTime(TimeSpan by) : TimeProvider
    {
        public override DateTimeOffset GetUtcNow() => base.GetUtcNow() + by;
    }
}
