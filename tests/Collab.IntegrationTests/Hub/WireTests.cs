using System.Globalization;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text.RegularExpressions;
using Collab.IntegrationTests.Configuration;
using Collab.TestKit;
using Xunit;

namespace Collab.IntegrationTests.Hubs;

/// <summary>A hub writes to the socket itself only where that is what the client reads.</summary>
public sealed partial class WireTests
{
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Events_arrive_over_plain_sockets_and_over_TLS(bool tls)
    {
        const int Events = 200;
        using var certificate = tls ? Certificate() : null;
#pragma warning disable MA0039 // The certificate was made a moment ago, and nobody vouches for it.
        using var http = new HttpMessageInvoker(new HttpClientHandler
        {
            ServerCertificateCustomValidationCallback = HttpClientHandler.DangerousAcceptAnyServerCertificateValidator,
        });
#pragma warning restore MA0039
        await using var application = await OwnApplication.StartAsync(certificate: certificate);
        application.Authorizer.Open();
        var run = Guid.NewGuid();
        using var socket = await RawHubSocket.ConnectAsync(application.Address, "alice", http);
        await socket.InvokeAsync("join", "JoinRun", $"""["{run}",null]""");

        for (var i = 0; i < Events; i++)
        {
            await socket.InvokeAsync(id: null, "Prune", $$"""["{{run}}",{"stepId":"PM","isPruned":true},"{{Guid.NewGuid()}}"]""");
        }

        var arrived = new List<int>();
        while (arrived.Count < Events && await socket.ReceiveAsync() is { } frame)
        {
            arrived.AddRange(SequenceNumber().Matches(frame).Select(m => int.Parse(m.Groups["number"].ValueSpan, CultureInfo.InvariantCulture)));
        }
        Assert.Equal(Enumerable.Range(1, Events), arrived);
        Assert.Equal(!tls, Assert.Single(application.BareSockets));
    }

    private static X509Certificate2 Certificate()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=127.0.0.1", key, HashAlgorithmName.SHA256);
        return request.CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(1));
    }

    [GeneratedRegex("\"sequenceNumber\":(?<number>[0-9]+)", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex SequenceNumber();
}
