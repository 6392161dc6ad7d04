using System.Collections.Concurrent;
using System.Security.Claims;

namespace Tokens;

internal sealed record Person(string Id, string Name);

internal sealed record Login(string User, string Password);

/// <summary>
/// Stands for what an application knows anyway: its users, and who works on which run. Here it is forgotten with the process.
/// </summary>
internal sealed class Team
{
    private const string Password = "example";
    private readonly Dictionary<string, Person> _people = new(StringComparer.Ordinal)
    {
        ["ana"] = new("ana", "Ana Lima"),
        ["ben"] = new("ben", "Ben Okafor"),
        ["eve"] = new("eve", "Eve Novak"),
    };

    private readonly ConcurrentDictionary<Guid, HashSet<string>> _members = new();

    public Person? SignIn(Login login) => login.Password == Password ? _people.GetValueOrDefault(login.User) : null;

    public Guid Begin(ClaimsPrincipal by, string[] with)
    {
        var run = Guid.NewGuid();
        _members[run] = [IdOf(by), .. with];
        return run;
    }

    /// <summary>The caller, if that is one of the people of the run.</summary>
    public Person? Member(ClaimsPrincipal user, Guid run) =>
        _members.TryGetValue(run, out var members) && members.Contains(IdOf(user)) ? _people.GetValueOrDefault(IdOf(user)) : null;

    private static string IdOf(ClaimsPrincipal user) => user.FindFirstValue("sub") ?? "";
}
