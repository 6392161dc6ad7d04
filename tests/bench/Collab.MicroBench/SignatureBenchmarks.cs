using System.Buffers.Text;
using System.Security.Claims;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using BenchmarkDotNet.Attributes;
using Collab.AspNetCore;
using Collab.AspNetCore.Events;
using Collab.AspNetCore.Signatures;
using Collab.Protocol;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Org.BouncyCastle.Math.EC.Rfc8032;

namespace Collab.MicroBench;

/// <summary>What the signature of a publish costs the server: reading it, its form, the key, and its nonce.</summary>
public class SignatureBenchmarks
{
    private const int Publishes = 1000;
    private const string Root = "the root secret of this installation, 32+";

    private static readonly byte[] Data = Encoding.UTF8.GetBytes($$"""{"after":"ARCHITECT","agentName":"{{new string('x', 160)}}"}""");
    private static readonly byte[] PrivateKey = RandomNumberGenerator.GetBytes(32);
    private static readonly ClaimsPrincipal Plain = new(new ClaimsIdentity());
    private static readonly ClaimsPrincipal Bound = new(new ClaimsIdentity([new Claim("cnf", Confirmation())]));

    private readonly StoppedTime _time = new();
    private SentPublish[] _unsigned = null!;
    private SentPublish[] _byHmac = null!;
    private SentPublish[] _byEd25519 = null!;

    [GlobalSetup]
    public void SetUp()
    {
        var secret = Encoding.UTF8.GetBytes(ClientSecrets.For(Root, "alice"));
        _unsigned = Make(_ => null);
        _byHmac = Make(form => HMACSHA256.HashData(secret, form));
        _byEd25519 = Make(form =>
        {
            var signature = new byte[64];
            Ed25519.Sign(PrivateKey, 0, form, 0, form.Length, signature, 0);
            return signature;
        });
    }

    [Benchmark(Description = "A publish that is not signed, where it need not be", OperationsPerInvoke = Publishes)]
    public Task UnsignedAsync() => CheckAsync(_unsigned, Plain);

    [Benchmark(Description = "A publish signed by HMAC, 200 bytes", OperationsPerInvoke = Publishes)]
    public Task HmacAsync() => CheckAsync(_byHmac, Plain);

    [Benchmark(Description = "A publish signed by Ed25519, 200 bytes", OperationsPerInvoke = Publishes)]
    public Task Ed25519Async() => CheckAsync(_byEd25519, Bound);

    private async Task CheckAsync(SentPublish[] publishes, ClaimsPrincipal user)
    {
        var options = new CollabOptions();
        options.Signing.Clients.Secret.Add(Root);
        var signatures = new PublishSignatures(Options.Create(options), _time, NullLogger<PublishSignatures>.Instance);
        foreach (var publish in publishes) await signatures.CheckAsync("alice", user, publish);
    }

    private SentPublish[] Make(Func<byte[], byte[]?> sign) => [.. Enumerable.Range(0, Publishes).Select(_ =>
    {
        var (run, id, now, nonce) = (Guid.NewGuid(), Guid.NewGuid(), _time.GetUtcNow().ToUnixTimeMilliseconds(), Guid.NewGuid().ToString("N"));
        var form = new CanonicalForm();
        form.Write(new SignedPublish(run, "alice", "GRAFT", JsonElement.Parse(Data), id, null), now, nonce);
        var value = sign(form.Written.ToArray());
        return new SentPublish(
            run, "GRAFT", EventDataReader.Read(Data), id, null, value is null ? null : new SentSignature(now, nonce, Base64Url.EncodeToString(value)));
    })];

    private static string Confirmation()
    {
        var publicKey = new byte[32];
        Ed25519.GeneratePublicKey(PrivateKey, 0, publicKey, 0);
        return JsonSerializer.Serialize(new { jwk = new { kty = "OKP", crv = "Ed25519", x = Base64Url.EncodeToString(publicKey) } });
    }

    private sealed class StoppedTime : TimeProvider
    {
        public override DateTimeOffset GetUtcNow() => DateTimeOffset.UnixEpoch.AddYears(50);
    }
}
