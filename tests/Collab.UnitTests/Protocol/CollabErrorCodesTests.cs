using Collab.Protocol;
using Xunit;

namespace Collab.UnitTests.Protocol;

/// <summary>One code, one name on the wire, one HTTP status; clients retry exactly what can help.</summary>
public sealed class CollabErrorCodesTests
{
    [Theory]
    [InlineData(CollabErrorCode.Unauthorized, "unauthorized", 401, false)]
    [InlineData(CollabErrorCode.Forbidden, "forbidden", 403, false)]
    [InlineData(CollabErrorCode.InvalidEvent, "invalid_event", 400, false)]
    [InlineData(CollabErrorCode.PayloadTooLarge, "payload_too_large", 413, false)]
    [InlineData(CollabErrorCode.RateLimited, "rate_limited", 429, true)]
    [InlineData(CollabErrorCode.Overloaded, "overloaded", 503, true)]
    [InlineData(CollabErrorCode.Unavailable, "unavailable", 503, true)]
    [InlineData(CollabErrorCode.RunEnded, "run_ended", 409, false)]
    [InlineData(CollabErrorCode.Conflict, "conflict", 409, false)]
    public void Each_code_has_its_name_and_status(CollabErrorCode code, string wire, int status, bool retryable) =>
        Assert.Equal((wire, status, retryable), (code.ToWire(), code.ToHttpStatus(), code.IsRetryable()));

    [Fact]
    public void Every_code_comes_back_from_the_wire()
    {
        foreach (var code in Enum.GetValues<CollabErrorCode>())
        {
            Assert.True(CollabErrorCodes.TryParse(code.ToWire(), out var parsed));
            Assert.Equal(code, parsed);
        }
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("Forbidden")]
    [InlineData("no_such_code")]
    public void Anything_else_is_no_code(string? wire) => Assert.False(CollabErrorCodes.TryParse(wire, out _));
}
