using System.Diagnostics;
using System.Globalization;

namespace Collab.TestKit;

/// <summary>The machine's PostgreSQL programs, run as a user whom PostgreSQL accepts: it refuses to run as root.</summary>
/// <param name="folder">The folder that holds <c>initdb</c> and <c>postgres</c>.</param>
internal sealed class PostgresBinaries(string folder)
{
    private const string DebianFolder = "/usr/lib/postgresql";

    private static readonly string[] Account = FindAccount();

    /// <summary>Those in the PATH, else the newest that Debian's packages installed.</summary>
    /// <returns>Null if there are none.</returns>
    public static PostgresBinaries? Find()
    {
        var path = (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries);
        var installed = Directory.Exists(DebianFolder) ? Directory.GetDirectories(DebianFolder) : [];
        var newestFirst = installed.OrderByDescending(Version).Select(version => Path.Combine(version, "bin"));
        var found = path.Concat(newestFirst).FirstOrDefault(IsComplete);
        return found is null ? null : new PostgresBinaries(found);

        static bool IsComplete(string folder) => File.Exists(Path.Combine(folder, "initdb")) && File.Exists(Path.Combine(folder, "postgres"));

        static int Version(string folder) => int.TryParse(Path.GetFileName(folder), CultureInfo.InvariantCulture, out var version) ? version : 0;
    }

    /// <summary>How to run one of the programs in a folder that was handed over with <see cref="HandOverAsync"/>.</summary>
    public ProcessStartInfo Command(string program, TemporaryFolder workingFolder, params IEnumerable<string> arguments)
    {
        string[] command = [PathOf(program), .. arguments];
        if (Environment.IsPrivilegedProcess)
        {
            // setpriv becomes the program: the process that was started is the one to send signals to.
            command = ["setpriv", $"--reuid={Account[2]}", $"--regid={Account[3]}", "--clear-groups", "--", .. command];
        }
        return new ProcessStartInfo(command[0], command[1..])
        {
            WorkingDirectory = workingFolder.Path,
            Environment = { ["LC_ALL"] = "C" },
        };
    }

    /// <summary>Some lie in the PATH as links, and not all of them do.</summary>
    private string PathOf(string program)
    {
        var path = Path.Combine(folder, program);
        if (File.Exists(path) || File.ResolveLinkTarget(Path.Combine(folder, "postgres"), returnFinalTarget: true) is not { } server) return path;
        return Path.Combine(Path.GetDirectoryName(server.FullName)!, program);
    }

    /// <summary>Gives a folder to the user that the programs run as.</summary>
    public static Task HandOverAsync(TemporaryFolder folder) =>
        Environment.IsPrivilegedProcess
            ? ChildProcess.RunAsync(new ProcessStartInfo("chown", [$"{Account[2]}:{Account[3]}", folder.Path]))
            : Task.CompletedTask;

    /// <summary>The fields of the account <c>postgres</c>, or <c>nobody</c>: name, password, user id, group id, …</summary>
    private static string[] FindAccount()
    {
        const string Accounts = "/etc/passwd";
        if (!Environment.IsPrivilegedProcess) return [];
        var accounts = File.ReadAllLines(Accounts).Select(line => line.Split(':')).ToDictionary(fields => fields[0]);
        return accounts.TryGetValue("postgres", out var postgres) ? postgres : accounts["nobody"];
    }
}
