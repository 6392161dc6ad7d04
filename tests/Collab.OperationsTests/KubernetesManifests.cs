using System.Text.Json;

namespace Collab.OperationsTests;

/// <summary>What <c>infra/kubernetes</c> makes of the cluster.</summary>
internal static class KubernetesManifests
{
    public const string Folder = "infra/kubernetes";

    /// <summary>Every object that is applied together.</summary>
    public static JsonElement[] Objects { get; } =
    [
        .. OperationsFiles.ReadYaml($"{Folder}/kustomization.yaml").Texts("resources")
            .SelectMany(file => OperationsFiles.ReadYamls($"{Folder}/{file}")),
    ];

    public static JsonElement Deployment { get; } = Spec("Deployment");

    public static JsonElement Pod { get; } = Deployment.GetProperty("template").GetProperty("spec");

    public static JsonElement ServerContainer { get; } = Pod.GetProperty("containers")[0];

    /// <summary>The job that brings the schema up to date.</summary>
    public static JsonElement MigrationPod { get; } =
        OperationsFiles.ReadYaml($"{Folder}/migrate.yaml").GetProperty("spec").GetProperty("template").GetProperty("spec");

    /// <summary>The spec of the one object of this kind.</summary>
    public static JsonElement Spec(string kind) => Objects.Single(o => o.Text("kind") == kind).GetProperty("spec");

    /// <summary>A container's environment: what has a value, and null for what a secret has.</summary>
    public static Dictionary<string, string?> EnvironmentOf(JsonElement container) =>
        container.GetProperty("env").EnumerateArray().ToDictionary(e => e.Text("name")!, e => e.Text("value"));

    /// <summary>The number of a container's port, by its name.</summary>
    public static string? PortOf(JsonElement container, string name) =>
        container.GetProperty("ports").EnumerateArray().Where(p => p.Text("name") == name)
            .Select(p => p.Text("containerPort")).FirstOrDefault();
}
