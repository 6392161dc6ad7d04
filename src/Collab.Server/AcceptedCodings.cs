namespace Collab.Server;

/// <summary>Which codings of content a client takes.</summary>
internal static class AcceptedCodings
{
    public static bool Accept(HttpRequest request, string coding)
    {
        if (request.Headers.AcceptEncoding.Count == 0) return false;
        return request.GetTypedHeaders().AcceptEncoding.Any(a =>
            a.Value.Equals(coding, StringComparison.OrdinalIgnoreCase) && a.Quality is not 0);
    }
}
