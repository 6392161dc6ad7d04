namespace Collab.Protocol;

/// <summary>The last message of an event stream that the server ends, named <c>end</c>.</summary>
/// <param name="Code">An <see cref="EndingCode"/> as on the wire.</param>
/// <param name="Message">A sentence for people.</param>
/// <param name="AllowReconnect">Whether the client may open the stream again by itself.</param>
public sealed record StreamEnd(string Code, string Message, bool AllowReconnect);
