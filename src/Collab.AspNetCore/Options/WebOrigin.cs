namespace Collab.AspNetCore;

/// <summary>
/// Web origins in the one form in which browsers send them: scheme and host in lower case, no default port, nothing behind.
/// </summary>
internal static class WebOrigin
{
    /// <returns>Null: it is no origin.</returns>
    public static string? Normalise(string text)
    {
        if (!Uri.TryCreate(text, UriKind.Absolute, out var uri) || uri.Host.Length == 0 || uri.UserInfo.Length > 0) return null;
        if (uri.PathAndQuery is not ("/" or "") || uri.Fragment.Length > 0) return null;
        return uri.IsDefaultPort ? $"{uri.Scheme}://{HostOf(uri)}" : $"{uri.Scheme}://{HostOf(uri)}:{uri.Port}";
    }

    /// <summary>The host as it stands in a <c>Host</c> header: international names encoded, IPv6 addresses in brackets.</summary>
    public static string HostOf(Uri uri) => uri.HostNameType == UriHostNameType.Dns ? uri.IdnHost : uri.Host;
}
