using System.Buffers;
using Collab.AspNetCore.Hub;
using Collab.Hostile.Inputs;
using Microsoft.AspNetCore.SignalR;
using Microsoft.AspNetCore.SignalR.Protocol;

namespace Collab.Hostile.Kinds;

/// <summary>
/// The same bytes given to the hub's protocols themselves, which is many times as fast: they read a message, wait for more, or say that it
/// is none, and always get on.
/// </summary>
internal sealed class HubParserKind(bool isBinary) : Kind
{
    private readonly HubWords _words = new(isBinary);
    private readonly IHubProtocol _protocol = CollabHubProtocols.Create().GetProtocol(isBinary ? "messagepack" : "json", null)!;

    public override string Name => isBinary ? "parser-messagepack" : "parser-json";

    protected override int Workers => 2;

    protected override Task TryAsync(long first, int count)
    {
        for (var index = first; index < first + count; index++)
        {
            var mutator = MutatorOf(index);
            var bytes = mutator.Chance(0.5) ? _words.Framed(mutator, text => text) : _words.Raw(mutator, text => text);
            Found(index, Read(mutator.Chance(0.5) ? new(bytes) : InPieces(bytes, mutator)));
        }
        return Task.CompletedTask;
    }

    private string? Read(ReadOnlySequence<byte> input)
    {
        try
        {
            while (input.Length > 0)
            {
                var before = input.Length;
                if (!_protocol.TryParseMessage(ref input, Binder.Instance, out _)) return null;
                if (input.Length >= before) return "a message was read, and nothing taken off the input";
            }
            return null;
        }
        catch (Exception e) when (HubFarewell.IsNoMessage(e))
        {
            // It ends the connection, and nothing else.
            return null;
        }
        catch (Exception e)
        {
            return e.ToString();
        }
    }

    private static ReadOnlySequence<byte> InPieces(byte[] bytes, Mutator mutator)
    {
        if (bytes.Length < 2) return new(bytes);
        var at = mutator.Random.Next(1, bytes.Length);
        var first = new Piece(bytes.AsMemory(0, at));
        var last = first.Append(bytes.AsMemory(at));
        return new(first, 0, last, last.Memory.Length);
    }

    private sealed class Piece : ReadOnlySequenceSegment<byte>
    {
        public Piece(ReadOnlyMemory<byte> memory) => Memory = memory;

        public Piece Append(ReadOnlyMemory<byte> memory)
        {
            var next = new Piece(memory) { RunningIndex = RunningIndex + Memory.Length };
            Next = next;
            return next;
        }
    }

    internal sealed class Binder : IInvocationBinder
    {
        public static readonly Binder Instance = new();

        private static readonly Dictionary<string, Type[]> Methods = typeof(CollaborationHub).GetMethods()
            .Where(m => m.DeclaringType == typeof(CollaborationHub))
            .ToDictionary(m => m.Name, m => m.GetParameters().Select(p => p.ParameterType).ToArray(), StringComparer.OrdinalIgnoreCase);

        public IReadOnlyList<Type> GetParameterTypes(string methodName) =>
            Methods.TryGetValue(methodName, out var types) ? types : throw new HubException($"Unknown hub method '{methodName}'");

        public Type GetReturnType(string invocationId) => throw new InvalidOperationException($"Unknown invocation ID '{invocationId}'.");

        public Type GetStreamItemType(string streamId)
        {
            // As SignalR does on a server.
            ArgumentNullException.ThrowIfNull(streamId);
            throw new KeyNotFoundException($"No stream with id '{streamId}' could be found.");
        }
    }
}
