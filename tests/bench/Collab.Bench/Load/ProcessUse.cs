using System.Globalization;

namespace Collab.Bench.Load;

/// <summary>What processes have used, read from <c>/proc</c>.</summary>
internal static class ProcessUse
{
    private const double TicksPerSecond = 100;

    /// <summary>CPU seconds of a process so far.</summary>
    public static double CpuSeconds(int id) => CpuSeconds(id, fields: 2);

    public static double OwnCpuSeconds() => CpuSeconds(Environment.ProcessId);

    /// <summary>CPU seconds so far of a process and all that it has started, those that have ended too: PostgreSQL starts a process per connection.</summary>
    public static double FamilyCpuSeconds(int root) => Family(root).Sum(id => CpuSeconds(id, fields: 4));

    /// <summary>Resident memory in KiB.</summary>
    public static double ResidentKib(int id)
    {
        foreach (var line in File.ReadLines($"/proc/{id}/status"))
        {
            if (line.StartsWith("VmRSS:", StringComparison.Ordinal))
                return double.Parse(line.AsSpan(6).Trim().ToString().Split(' ')[0], CultureInfo.InvariantCulture);
        }
        return 0;
    }

    /// <summary>A process and all that it has started, now.</summary>
    private static List<int> Family(int root)
    {
        var parents = Directory.EnumerateDirectories("/proc")
            .Select(d => int.TryParse(Path.GetFileName(d), out var id) ? id : 0).Where(id => id > 0)
            .Select(id => (Id: id, Parent: Parent(id))).ToLookup(p => p.Parent, p => p.Id);
        var family = new List<int> { root };
        for (var i = 0; i < family.Count; i++) family.AddRange(parents[family[i]]);
        return family;
    }

    public static int Parent(int id) => Stat(id) is { } fields ? int.Parse(fields[1], CultureInfo.InvariantCulture) : 0;

    /// <param name="id">The process.</param>
    /// <param name="fields">2: user and system time; 4: those of its children that have ended, too.</param>
    private static double CpuSeconds(int id, int fields) =>
        Stat(id) is { } stat ? stat.Skip(11).Take(fields).Sum(ticks => double.Parse(ticks, CultureInfo.InvariantCulture)) / TicksPerSecond : 0;

    /// <summary>The fields of <c>stat</c> after the program's name, which may hold blanks.</summary>
    private static string[]? Stat(int id)
    {
        try
        {
            var text = File.ReadAllText($"/proc/{id}/stat");
            return text[(text.LastIndexOf(')') + 2)..].Split(' ');
        }
        catch (IOException)
        {
            return null;
        }
    }
}
