using System.Text.Json;
using Collab.TestKit;

namespace Collab.EndToEndTests.Kit;

/// <summary>What <c>dotnet run</c> starts a project with.</summary>
internal static class LaunchSettings
{
    public static Dictionary<string, string?> EnvironmentVariables(string project)
    {
        using var settings = JsonDocument.Parse(File.ReadAllText(Path.Combine(Repository.Root, project, "Properties", "launchSettings.json")));
        var profile = settings.RootElement.GetProperty("profiles").EnumerateObject().First().Value;
        return profile.GetProperty("environmentVariables").EnumerateObject()
            .ToDictionary(v => v.Name, v => v.Value.GetString(), StringComparer.Ordinal);
    }
}
