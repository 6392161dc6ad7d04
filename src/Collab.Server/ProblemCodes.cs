using Collab.Protocol;

namespace Collab.Server;

/// <summary>Gives the framework's own refusals (no such method, no such media type, too large) the code that clients go by.</summary>
internal static class ProblemCodes
{
    public static void Complete(ProblemDetailsContext context)
    {
        CollabErrorCode? code = context.ProblemDetails.Status switch
        {
            StatusCodes.Status400BadRequest or StatusCodes.Status405MethodNotAllowed or StatusCodes.Status415UnsupportedMediaType =>
                CollabErrorCode.InvalidEvent,
            StatusCodes.Status413PayloadTooLarge => CollabErrorCode.PayloadTooLarge,
            _ => null,
        };
        if (code is { } known) context.ProblemDetails.Extensions.TryAdd("code", known.ToWire());
    }
}
