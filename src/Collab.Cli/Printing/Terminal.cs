using System.Text;
using Microsoft.Win32.SafeHandles;

namespace Collab.Cli.Printing;

/// <summary>
/// One of the two outputs. Lines come out whole, from whichever thread; colours only on a terminal, and where they are wanted.
/// </summary>
/// <param name="writer">Where it goes.</param>
/// <param name="isColored">Whether it has colours.</param>
/// <param name="mustArrive">Whether it is a failure if nothing can be written.</param>
/// <param name="canRewrite">Whether it is a screen.</param>
internal sealed class Terminal(TextWriter writer, bool isColored, bool mustArrive = true, bool canRewrite = false)
{
    private const string LineAway = "\r\e[K";

    private static readonly Lock Both = new();
    private static readonly Lazy<Terminal> StandardOutput = new(() => new(OpenOutput(), MayColor(Console.IsOutputRedirected)));
    private static readonly Lazy<Terminal> StandardError =
        new(() => new(Console.Error, MayColor(Console.IsErrorRedirected), mustArrive: false, MayRewrite(Console.IsErrorRedirected)));

    private bool _isRewriting;

    /// <summary>For what was asked for.</summary>
    public static Terminal Out => StandardOutput.Value;

    /// <summary>For what happens meanwhile.</summary>
    public static Terminal Error => StandardError.Value;

    /// <summary>Whether a line can take the place of the one before.</summary>
    public bool CanRewrite => canRewrite;

    /// <summary>What matters less.</summary>
    public string Dim(string text) => isColored ? $"\e[2m{text}\e[22m" : text;

    /// <summary>What matters more.</summary>
    public string Bold(string text) => isColored ? $"\e[1m{text}\e[22m" : text;

    /// <summary>Writes a line at once.</summary>
    /// <exception cref="OutputException">It cannot be written, and must be.</exception>
    public void WriteLine(string line) => Write(line + Environment.NewLine);

    /// <summary>Writes a line that takes the place of the one written so before, where that can be done; else one of its own.</summary>
    public void Rewrite(string line)
    {
        if (canRewrite) Write(line, isRewriting: true);
        else WriteLine(line);
    }

    /// <summary>Writes whole lines at once.</summary>
    /// <exception cref="OutputException">They cannot be written, and must be.</exception>
    public void Write(string lines) => Write(lines, isRewriting: false);

    private void Write(string lines, bool isRewriting)
    {
        lock (Both)
        {
            try
            {
                writer.Write(_isRewriting ? LineAway + lines : lines);
                _isRewriting = isRewriting;
                writer.Flush();
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                // What happens meanwhile is no reason to give up what was asked for; and there is nobody left to tell.
                if (mustArrive) throw new OutputException(e);
            }
        }
    }

    /// <summary>See https://no-color.org.</summary>
    private static bool MayColor(bool isRedirected) =>
        !isRedirected
        && string.IsNullOrEmpty(Environment.GetEnvironmentVariable("NO_COLOR"))
        && Environment.GetEnvironmentVariable("TERM") != "dumb";

    private static bool MayRewrite(bool isRedirected) => !isRedirected && Environment.GetEnvironmentVariable("TERM") != "dumb";

    /// <summary>
    /// .NET's console hides that a pipe's reader has gone, and a command that goes on until Ctrl+C would then go on for ever; and it tells
    /// a terminal about keys that nobody will press. A file is left to the console: it knows how to append.
    /// </summary>
    private static TextWriter OpenOutput()
    {
        if (OperatingSystem.IsWindows()) return Console.Out;
        var output = new FileStream(new SafeFileHandle(1, ownsHandle: false), FileAccess.Write, bufferSize: 0);
        return output.CanSeek ? Console.Out : new StreamWriter(output, new UTF8Encoding(encoderShouldEmitUTF8Identifier: false));
    }
}
