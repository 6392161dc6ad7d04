using System.Globalization;
using System.Text.Json;
using System.Text.RegularExpressions;
using Collab.TestKit;
using Xunit;

namespace Collab.IntegrationTests;

/// <summary>A hub connection that sends JSON as it is written, which no SignalR client would, and reads the answers one message at a time.</summary>
internal sealed partial class HubWire : IDisposable
{
    private readonly RawHubSocket _socket;
    private readonly Queue<string> _unread = new();
    private int _calls;

    private HubWire(RawHubSocket socket) => _socket = socket;

    public static async Task<HubWire> ConnectAsync(Uri server, string token) => new(await RawHubSocket.ConnectAsync(server, token));

    /// <summary>Sends a text as it is, with SignalR's end of a message.</summary>
    public Task SendAsync(string message) => _socket.SendAsync(message + RawHubSocket.RecordSeparator);

    /// <summary>Calls a method and waits for its answer; what else comes meanwhile is passed over.</summary>
    /// <param name="method">The hub method.</param>
    /// <param name="arguments">A JSON array.</param>
    /// <returns>SignalR's completion message.</returns>
    public async Task<JsonElement> CallAsync(string method, string arguments)
    {
        var id = (++_calls).ToString(CultureInfo.InvariantCulture);
        await _socket.InvokeAsync(id, method, arguments);
        return await AnswerToAsync(id);
    }

    /// <summary>Calls a method without waiting for its answer.</summary>
    public Task BeginCallAsync(string id, string method, string arguments) => _socket.InvokeAsync(id, method, arguments);

    /// <summary>Waits for the answer to a call.</summary>
    public Task<JsonElement> AnswerToAsync(string id) => FindAnswerToAsync(id).WaitAsync(Patience.Default);

    /// <summary>The next answer to any call.</summary>
    public async Task<JsonElement> NextCompletionAsync()
    {
        while (await NextAsync() is { } message)
        {
            if (message.GetProperty("type").GetInt32() == 3) return message;
        }
        throw new InvalidOperationException("The connection ended before all calls were answered.");
    }

    /// <summary>The next message; null once the server has ended the connection.</summary>
    public async Task<JsonElement?> NextAsync()
    {
        while (_unread.Count == 0)
        {
            if (await _socket.ReceiveAsync() is not { } frame) return null;
            foreach (var record in frame.Split(RawHubSocket.RecordSeparator, StringSplitOptions.RemoveEmptyEntries)) _unread.Enqueue(record);
        }
        return JsonElement.Parse(_unread.Dequeue());
    }

    /// <summary>Reads until the server ends the connection.</summary>
    /// <returns>The error in SignalR's close message, if there was one.</returns>
    public Task<string?> EndAsync() => ReadToEndAsync().WaitAsync(Patience.Default);

    /// <summary>The code with which a call was refused; null if it was not. A refusal never shows how the server is made.</summary>
    public static string? CodeOf(JsonElement completion) => completion.TryGetProperty("error", out var error) ? CodeOf(error.GetString()!) : null;

    /// <summary>The code in the text of a refusal.</summary>
    public static string CodeOf(string error)
    {
        Assert.DoesNotContain("   at ", error, StringComparison.Ordinal);
        return Code().Match(error).Groups["code"].Value;
    }

    public void Dispose() => _socket.Dispose();

    private async Task<JsonElement> FindAnswerToAsync(string id)
    {
        while (await NextAsync() is { } message)
        {
            if (message.GetProperty("type").GetInt32() == 3 && message.GetProperty("invocationId").GetString() == id) return message;
        }
        throw new InvalidOperationException($"The connection ended before call {id} was answered.");
    }

    private async Task<string?> ReadToEndAsync()
    {
        string? error = null;
        while (await NextAsync() is { } message)
        {
            if (message.GetProperty("type").GetInt32() == 7 && message.TryGetProperty("error", out var reason)) error = reason.GetString();
        }
        return error;
    }

    [GeneratedRegex(@"^\[(?<code>[a-z_]+)\] ", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Code();
}
