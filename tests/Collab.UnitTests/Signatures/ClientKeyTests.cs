using System.Buffers.Text;
using System.Security.Claims;
using System.Text.Json;
using Collab.AspNetCore;
using Collab.AspNetCore.Signatures;
using Org.BouncyCastle.Math.EC.Rfc8032;
using Xunit;

namespace Collab.UnitTests.Signatures;

/// <summary>Keys that are none are refused, and never thrown about: in tokens, and where an application gives its own.</summary>
public sealed class ClientKeyTests
{
    private static readonly byte[] Good = PublicKeyOf([.. Enumerable.Range(1, 32).Select(n => (byte)n)]);

    /// <summary>Points under which a signature of one text is that of others: of order 1, 2, 4, 8, and what is no point at all.</summary>
    public static TheoryData<string> NoKeys => new(
        "", "01", new string('0', 64), $"01{new string('0', 62)}", $"ecff{new string('f', 58)}7f",
        "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05", "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a",
        new string('f', 64), Convert.ToHexString(Good)[..62], $"{Convert.ToHexString(Good)}00");

    [Theory, MemberData(nameof(NoKeys))]
    public void What_is_no_key_that_proves_anything_is_none(string hex)
    {
        Assert.False(Ed25519Key.TryRead(Convert.FromHexString(hex), out _));
        Assert.Throws<ArgumentException>(() => ClientKey.Ed25519(Convert.FromHexString(hex)));
        Assert.Equal((true, null), KeysOf(Confirmation(Base64Url.EncodeToString(Convert.FromHexString(hex)))));
    }

    [Fact]
    public void A_point_with_a_part_of_small_order_is_none()
    {
        // The good one with the point of order 2 added: (-x, -y), as a signature scheme must not confuse them.
        var mixed = (byte[])Good.Clone();
        var y = new System.Numerics.BigInteger([.. mixed[..31], (byte)(mixed[31] & 0x7f), 0]);
        var p = System.Numerics.BigInteger.Pow(2, 255) - 19;
        var bytes = (p - y).ToByteArray();
        Array.Clear(mixed);
        bytes.AsSpan(0, Math.Min(32, bytes.Length)).CopyTo(mixed);
        mixed[31] |= (byte)(~Good[31] & 0x80);

        Assert.True(Ed25519.ValidatePublicKeyPartial(mixed, 0));
        Assert.False(Ed25519Key.TryRead(mixed, out _));
    }

    [Theory]
    [InlineData("nonsense", true)]
    [InlineData("", true)]
    [InlineData("5", true)]
    [InlineData("[]", true)]
    [InlineData("null", true)]
    [InlineData("""{"jkt":"x"}""", false)]
    [InlineData("""{"x5t#S256":"x"}""", false)]
    [InlineData("""{"jwk":null}""", true)]
    [InlineData("""{"jwk":"x"}""", true)]
    [InlineData("""{"jwk":{}}""", true)]
    [InlineData("""{"jwk":{"kty":"EC","crv":"P-256","x":"a","y":"b"}}""", true)]
    [InlineData("""{"jwk":{"kty":"OKP","crv":"X25519","x":"ebVWLo_mVPlAeLES6KmLp5AfhTrmlb7X4OORC60ElmQ"}}""", true)]
    [InlineData("""{"jwk":{"kty":"OKP","crv":"Ed25519"}}""", true)]
    [InlineData("""{"jwk":{"kty":"OKP","crv":"Ed25519","x":5}}""", true)]
    [InlineData("""{"jwk":{"kty":"OKP","crv":"Ed25519","x":"%%%"}}""", true)]
    [InlineData("""{"jwk":{"kty":"OKP","crv":"Ed25519","x":"\ud800"}}""", true)]
    public void A_confirmation_that_names_no_key_of_ours_gives_none(string confirmation, bool isNamed) =>
        Assert.Equal((isNamed, null), KeysOf(confirmation));

    [Fact]
    public void A_token_without_one_names_none_one_with_one_names_it_and_with_two_nobody_knows()
    {
        var good = Confirmation(Base64Url.EncodeToString(Good));

        Assert.Equal((false, null), KeysOf());
        var (isNamed, key) = KeysOf(good);
        Assert.True(isNamed && key is not null);
        Assert.Equal((true, null), KeysOf(good, good));
    }

    private static string Confirmation(string x) => JsonSerializer.Serialize(new { jwk = new { kty = "OKP", crv = "Ed25519", x } });

    private static (bool IsNamed, ClientKey? Key) KeysOf(params string[] confirmations)
    {
        var keys = new TokenKeys();
        var user = new ClaimsPrincipal(new ClaimsIdentity(confirmations.Select(c => new Claim("cnf", c))));
        // What is remembered is the same.
        Assert.Equal(keys.Of(user), keys.Of(user));
        return keys.Of(user);
    }

    private static byte[] PublicKeyOf(byte[] privateKey)
    {
        var publicKey = new byte[32];
        Ed25519.GeneratePublicKey(privateKey, 0, publicKey, 0);
        return publicKey;
    }
}
