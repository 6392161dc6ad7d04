using System.Security.Claims;
using System.Text.Json;
using Collab.AspNetCore.Events;
using Collab.AspNetCore.Refusals;
using Collab.AspNetCore.Signatures;
using Collab.Protocol;
using Collab.TestKit;
using Collab.UnitTests.Kit;
using Microsoft.Extensions.Logging.Abstractions;
using Xunit;

namespace Collab.UnitTests.Signatures;

/// <summary>A signature is taken within a minute of its time, by the server's clock and to the millisecond, and once.</summary>
public sealed class PublishSignaturesTests
{
    private const string Root = "the root secret of this installation, 32+";
    private static readonly Guid Run = Guid.NewGuid();
    private static readonly ClaimsPrincipal User = new(new ClaimsIdentity());

    private readonly ManualTime _time = new();
    private readonly TestSigner _alice = TestSigner.Derived("alice", Root);

    private long Now => _time.GetUtcNow().ToUnixTimeMilliseconds();

    [Theory]
    [InlineData(-60_001, false)]
    [InlineData(-60_000, true)]
    [InlineData(60_000, true)]
    [InlineData(60_001, false)]
    public async Task The_time_of_a_signature_is_within_a_minute_of_the_servers(long difference, bool isTaken)
    {
        var check = CheckAsync(NewSignatures(), _alice.Flag(Run, "x", Now + difference));
        if (isTaken)
        {
            await check;
            return;
        }
        var refused = await Assert.ThrowsAsync<RefusedException>(() => check);
        Assert.Equal((CollabErrorCode.Forbidden, Now), (refused.Code, refused.ServerTimestamp));
        Assert.Contains($"{Now}.", refused.At(3).Detail, StringComparison.Ordinal);
        Assert.Equal(Now, refused.At(3).ServerTimestamp);
    }

    [Theory]
    [InlineData(-60_000)]
    [InlineData(0)]
    [InlineData(60_000)]
    public async Task It_is_taken_once_for_as_long_as_it_could_be_taken_also_when_the_clock_is_set_back(long difference)
    {
        var signatures = NewSignatures();
        var e = _alice.Flag(Run, "x", Now + difference);
        await CheckAsync(signatures, e);
        for (var waited = 0; waited <= 130; waited += 10)
        {
            Assert.Equal(CollabErrorCode.Forbidden, (await Assert.ThrowsAsync<RefusedException>(() => CheckAsync(signatures, e))).Code);
            _time.Advance(TimeSpan.FromSeconds(10));
            if (waited % 20 == 0) signatures.Sweep();
            await CheckAsync(signatures, _alice.Flag(Run, "another", Now));
        }
        _time.SetWallClockBack(TimeSpan.FromSeconds(140));
        Assert.Equal(CollabErrorCode.Forbidden, (await Assert.ThrowsAsync<RefusedException>(() => CheckAsync(signatures, e))).Code);
    }

    [Fact]
    public void Without_configuration_nothing_is_looked_at()
    {
        Assert.False(new PublishSignatures(Some.Options(), _time, NullLogger<PublishSignatures>.Instance).IsOn);
        Assert.True(NewSignatures().IsOn);
        Assert.True(new PublishSignatures(Some.Options(o => o.Signing.Clients.Required = true), _time, NullLogger<PublishSignatures>.Instance).IsOn);
    }

    private static Task CheckAsync(PublishSignatures signatures, System.Text.Json.Nodes.JsonObject e)
    {
        var json = JsonSerializer.SerializeToElement(e);
        var sent = json.GetProperty("signature").Deserialize<SentSignature>();
        var data = EventDataReader.Read(JsonSerializer.SerializeToUtf8Bytes(json.GetProperty("data")));
        return signatures.CheckAsync("alice", User, new(Run, "FLAG", data, json.GetProperty("messageId").GetGuid(), null, sent)).AsTask();
    }

    private PublishSignatures NewSignatures() =>
        new(Some.Options(o => o.Signing.Clients.Secret.Add(Root)), _time, NullLogger<PublishSignatures>.Instance);
}
