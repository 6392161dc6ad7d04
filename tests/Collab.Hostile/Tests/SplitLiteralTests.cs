using System.Buffers;
using System.IO.Pipelines;
using System.Text;
using Collab.AspNetCore.Http;
using Collab.AspNetCore.Hub;
using Collab.AspNetCore.Refusals;
using Collab.Hostile.Kinds;
using Collab.Protocol;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Xunit;

namespace Collab.Hostile.Tests;

/// <summary>
/// The beginning of a literal, and then nothing, where a buffer ends: .NET's reader of JSON fails with an exception of its own there, which must
/// not become a 500, nor an error in the log.
/// </summary>
public sealed class SplitLiteralTests
{
    public static TheoryData<string> Words => new("tru", "trux", "tx", "falsx", "fx", "nulx", "nx", "nu", "t", "f", "n", "truefalse");

    [Theory]
    [MemberData(nameof(Words))]
    public async Task In_the_body_of_a_request_it_is_refused(string word)
    {
        var body = Encoding.UTF8.GetBytes($$"""{"eventType":"FLAG","data":{"stepId":"PM","note":{{word}}""");
        for (var at = 1; at <= body.Length; at++)
        {
            var context = new DefaultHttpContext();
            context.Features.Set<IRequestBodyPipeFeature>(new Body(PipeReader.Create(InPieces(body, at))));

            var refusal = await Assert.ThrowsAsync<RefusedException>(() => PublishBody.ReadAsync(context.Request).AsTask());

            Assert.Equal(CollabErrorCode.InvalidEvent, refusal.Code);
        }
    }

    [Theory]
    [MemberData(nameof(Words))]
    public void In_a_message_to_the_hub_it_is_no_message(string word)
    {
        foreach (var end in (string[])["]}", "", " ", ",1]}"])
        {
            var message = Encoding.UTF8.GetBytes("{\"type\":6,\"unknown\":[" + word + end + "\u001e");
            for (var at = 1; at < message.Length; at++)
            {
                var exception = Record.Exception(() => Read(message, at));
                Assert.True(exception is null || HubFarewell.IsNoMessage(exception), $"{word} at {at}: {exception}");
            }
        }
    }

    private static void Read(byte[] message, int at)
    {
        var input = InPieces(message, at);
        _ = CollabHubProtocols.Create().GetProtocol("json", null)!.TryParseMessage(ref input, HubParserKind.Binder.Instance, out _);
    }

    /// <summary>The last one is empty where all comes before.</summary>
    private static ReadOnlySequence<byte> InPieces(byte[] bytes, int at)
    {
        var first = new Piece(bytes.AsMemory(0, at), 0);
        var last = first.Followed(bytes.AsMemory(at));
        return new(first, 0, last, last.Memory.Length);
    }

    private sealed class Body(PipeReader reader) : IRequestBodyPipeFeature
    {
        public PipeReader Reader => reader;
    }

    private sealed class Piece : ReadOnlySequenceSegment<byte>
    {
        public Piece(ReadOnlyMemory<byte> memory, long index) => (Memory, RunningIndex) = (memory, index);

        public Piece Followed(ReadOnlyMemory<byte> memory)
        {
            var next = new Piece(memory, Memory.Length);
            Next = next;
            return next;
        }
    }
}
