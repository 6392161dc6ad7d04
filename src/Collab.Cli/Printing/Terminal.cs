using System.Text;
using Microsoft.Win32.SafeHandles;

namespace Collab.Cli.Printing;

/// <summary>One of the two outputs. Lines come out whole, whoever writes them; colours only where somebody sees them and wants them.</summary>
internal sealed class Terminal(TextWriter writer, bool isColored)
{
    private static readonly Lock Both = new();
    private static readonly Lazy<Terminal> StandardOutput = new(() => new(OpenOutput(), MayColor(Console.IsOutputRedirected)));
    private static readonly Lazy<Terminal> StandardError = new(() => new(Console.Error, MayColor(Console.IsErrorRedirected)));

    /// <summary>For what was asked for.</summary>
    public static Terminal Out => StandardOutput.Value;

    /// <summary>For what happens meanwhile.</summary>
    public static Terminal Error => StandardError.Value;

    /// <summary>Whether nobody reads this any more.</summary>
    public bool IsClosed { get; private set; }

    /// <summary>What matters less.</summary>
    public string Dim(string text) => isColored ? $"\e[2m{text}\e[22m" : text;

    /// <summary>What matters more.</summary>
    public string Bold(string text) => isColored ? $"\e[1m{text}\e[22m" : text;

    /// <summary>Writes a line at once.</summary>
    /// <exception cref="IOException">Nobody reads this any more.</exception>
    public void WriteLine(string line)
    {
        lock (Both)
        {
            try
            {
                writer.WriteLine(line);
                writer.Flush();
            }
            catch (IOException)
            {
                IsClosed = true;
                throw;
            }
        }
    }

    /// <summary>See https://no-color.org.</summary>
    private static bool MayColor(bool isRedirected) =>
        !isRedirected && string.IsNullOrEmpty(Environment.GetEnvironmentVariable("NO_COLOR")) && Environment.GetEnvironmentVariable("TERM") != "dumb";

    /// <summary>
    /// .NET's console hides that a pipe's reader has gone, and a command that goes on until Ctrl+C would then go on for ever; and it tells a terminal about keys that
    /// nobody will press. A file is left to the console: it knows how to append.
    /// </summary>
    private static TextWriter OpenOutput()
    {
        if (OperatingSystem.IsWindows()) return Console.Out;
        var output = new FileStream(new SafeFileHandle(1, ownsHandle: false), FileAccess.Write, bufferSize: 0);
        return output.CanSeek ? Console.Out : new StreamWriter(output, new UTF8Encoding(encoderShouldEmitUTF8Identifier: false));
    }
}
