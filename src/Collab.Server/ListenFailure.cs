using System.Net.Sockets;
using Microsoft.AspNetCore.Connections;

namespace Collab.Server;

/// <summary>
/// An address that the server cannot listen on: another program has it, it is not this machine's, or it takes more rights.
/// </summary>
internal static class ListenFailure
{
    private const string Keys = "--urls (ASPNETCORE_URLS, Kestrel:Endpoints) or Collab:Metrics:Port";

    /// <summary>What is wrong, in a sentence that names the address; null: it is something else.</summary>
    public static string? Explain(Exception e) => e switch
    {
        // Of localhost, which is two addresses.
        IOException { InnerException: AddressInUseException or AggregateException } => $"{Keys}: {e.Message}",
        SocketException { SocketErrorCode: SocketError.AccessDenied or SocketError.AddressNotAvailable } => $"{Keys}: {e.Message}.",
        _ => null,
    };
}
