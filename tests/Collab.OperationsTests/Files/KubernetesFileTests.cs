using System.Globalization;
using System.Text.Json;
using System.Text.RegularExpressions;
using Xunit;
using static Collab.OperationsTests.KubernetesManifests;

namespace Collab.OperationsTests.Files;

/// <summary>
/// The manifests fit together, give nothing away, and let a server end in order. That Kubernetes would take them is what
/// <c>tests/kubernetes-js</c> checks.
/// </summary>
public sealed partial class KubernetesFileTests
{
    [Fact]
    public void Each_file_is_applied_or_is_the_one_that_is_created_by_hand()
    {
        var files = Directory.GetFiles(OperationsFiles.PathOf(Folder), "*.yaml").Select(Path.GetFileName).Order(StringComparer.Ordinal);
        var listed = OperationsFiles.ReadYaml($"{Folder}/kustomization.yaml").Texts("resources");
        Assert.Equal(listed.Concat(["kustomization.yaml", "migrate.yaml"]).Order(StringComparer.Ordinal), files);
    }

    [Fact]
    public void What_is_secret_comes_from_secrets_which_are_not_here()
    {
        string[] secret = ["ConnectionStrings__Collab", "Collab__Bus__Redis", "Collab__Bus__Key", "Collab__Auth__SigningKey"];
        foreach (var container in (JsonElement[])[ServerContainer, MigrationPod.GetProperty("containers")[0]])
        {
            Assert.All(
                EnvironmentOf(container),
                variable => Assert.Equal(secret.Contains(variable.Key, StringComparer.Ordinal), variable.Value is null));
            Assert.All(container.GetProperty("env").EnumerateArray().Where(e => e.Text("value") is null), e =>
                Assert.False(string.IsNullOrEmpty(e.GetProperty("valueFrom").GetProperty("secretKeyRef").Text("key"))));
        }
        Assert.DoesNotContain(Objects, o => o.Text("kind") is "Secret");
        // The server is not the schema's owner, and does not change it.
        Assert.NotEqual(DatabaseSecretOf(ServerContainer), DatabaseSecretOf(MigrationPod.GetProperty("containers")[0]));
        Assert.Equal("false", EnvironmentOf(ServerContainer)["Collab__Store__MigrateOnStart"]);

        static string? DatabaseSecretOf(JsonElement container) => container.GetProperty("env").EnumerateArray()
            .Single(e => e.Text("name") == "ConnectionStrings__Collab").GetProperty("valueFrom").GetProperty("secretKeyRef").Text("name");
    }

    [Fact]
    public void A_pod_can_do_little_harm()
    {
        foreach (var pod in (JsonElement[])[Pod, MigrationPod])
        {
            var (all, container) = (pod.GetProperty("securityContext"), pod.GetProperty("containers")[0]);
            Assert.Equal("true", all.Text("runAsNonRoot"));
            Assert.Equal("RuntimeDefault", all.GetProperty("seccompProfile").Text("type"));
            // The image's own user.
            var user = $"USER {all.Text("runAsUser")}:{all.Text("runAsGroup")}\n";
            Assert.Contains(user, OperationsFiles.Read("infra/docker/Dockerfile"), StringComparison.Ordinal);
            Assert.Equal("false", pod.Text("automountServiceAccountToken"));
            Assert.Equal("true", container.GetProperty("securityContext").Text("readOnlyRootFilesystem"));
            Assert.Equal("false", container.GetProperty("securityContext").Text("allowPrivilegeEscalation"));
            Assert.Equal(["ALL"], container.GetProperty("securityContext").GetProperty("capabilities").Texts("drop"));
            Assert.False(string.IsNullOrEmpty(container.GetProperty("resources").GetProperty("limits").Text("memory")));
        }
    }

    [Fact]
    public void A_server_has_the_time_to_end_in_order_and_another_is_there_before()
    {
        var environment = EnvironmentOf(ServerContainer);
        var (delay, over) = (Number(environment["Collab__Drain__DelaySeconds"]), Number(environment["Collab__Drain__OverSeconds"]));
        Assert.InRange(delay + over + 5, 30, Number(Pod.Text("terminationGracePeriodSeconds")) - 1);
        // That it is not ready is noticed while it still takes what comes.
        var ready = ServerContainer.GetProperty("readinessProbe");
        Assert.InRange(Number(ready.Text("periodSeconds")) * Number(ready.Text("failureThreshold")), 1, delay);

        var rollout = Deployment.GetProperty("strategy").GetProperty("rollingUpdate");
        Assert.Equal(("0", "1"), (rollout.Text("maxUnavailable"), rollout.Text("maxSurge")));
        Assert.Equal("1", Spec("PodDisruptionBudget").Text("maxUnavailable"));
        // Else each update would set it back.
        Assert.False(Deployment.TryGetProperty("replicas", out _));
        Assert.InRange(Number(Spec("HorizontalPodAutoscaler").Text("minReplicas")), 2, int.MaxValue);
    }

    [Fact]
    public void All_that_chooses_the_servers_chooses_them()
    {
        var labels = Labels(Deployment.GetProperty("template").GetProperty("metadata").GetProperty("labels"));
        var selectors = Pod.GetProperty("topologySpreadConstraints").EnumerateArray()
            .Select(c => c.GetProperty("labelSelector").GetProperty("matchLabels"))
            .Append(Deployment.GetProperty("selector").GetProperty("matchLabels"))
            .Append(Spec("PodDisruptionBudget").GetProperty("selector").GetProperty("matchLabels"))
            .Append(Spec("Service").GetProperty("selector"));
        Assert.All(selectors, selector => Assert.Equal(labels, Labels(selector)));
        var policy = Labels(Spec("NetworkPolicy").GetProperty("podSelector").GetProperty("matchLabels"));
        Assert.All(policy, label => Assert.Contains(label, labels));

        var deployment = Objects.Single(o => o.Text("kind") == "Deployment").GetProperty("metadata").Text("name");
        var target = Spec("HorizontalPodAutoscaler").GetProperty("scaleTargetRef");
        Assert.Equal(("Deployment", deployment), (target.Text("kind"), target.Text("name")));

        static string[] Labels(JsonElement labels) =>
            [.. labels.EnumerateObject().Select(l => $"{l.Name}={l.Value}").Order(StringComparer.Ordinal)];
    }

    [Fact]
    public void Requests_find_their_way_to_ports_that_there_are_and_to_no_server_of_their_own()
    {
        var service = Spec("Service");
        Assert.Equal("None", service.Text("sessionAffinity"));
        Assert.All(service.GetProperty("ports").EnumerateArray(), port => Assert.NotNull(PortOf(ServerContainer, port.Text("targetPort")!)));

        var path = Spec("Ingress").GetProperty("rules")[0].GetProperty("http").GetProperty("paths")[0];
        var backend = path.GetProperty("backend").GetProperty("service");
        Assert.Equal(Objects.Single(o => o.Text("kind") == "Service").GetProperty("metadata").Text("name"), backend.Text("name"));
        var portName = backend.GetProperty("port").Text("name");
        Assert.Contains(service.GetProperty("ports").EnumerateArray(), port => port.Text("name") == portName);
        Assert.DoesNotContain("affinity:", OperationsFiles.Read($"{Folder}/ingress.yaml"), StringComparison.OrdinalIgnoreCase);

        var rules = Spec("NetworkPolicy").GetProperty("ingress").EnumerateArray();
        var allowed = rules.SelectMany(rule => rule.GetProperty("ports").EnumerateArray());
        Assert.All(allowed, port => Assert.NotNull(PortOf(ServerContainer, port.Text("port")!)));
        var monitor = OperationsFiles.ReadYaml($"{Folder}/monitoring/servicemonitor.yaml").GetProperty("spec");
        Assert.Equal("metrics", monitor.GetProperty("endpoints")[0].Text("port"));
        // Longer than a long poll and than the pauses between signs of life.
        var timeouts = Timeout().Matches(OperationsFiles.Read($"{Folder}/ingress.yaml"));
        Assert.Equal(2, timeouts.Count);
        Assert.All(timeouts, timeout => Assert.InRange(Number(timeout.Groups["seconds"].Value), 31, 3600));
    }

    [Fact]
    public void The_version_is_the_compositions_and_metrics_have_names_that_there_are()
    {
        var image = OperationsFiles.ReadYaml("docker-compose.yml").GetProperty("services").GetProperty("server").Text("image");
        var ours = OperationsFiles.ReadYaml($"{Folder}/kustomization.yaml").GetProperty("images")[0];
        Assert.Equal(image, $"{ours.Text("name")}:{ours.Text("newTag")}");
        Assert.Equal(image, MigrationPod.GetProperty("containers")[0].Text("image"));
        Assert.Equal(ours.Text("name"), ServerContainer.Text("image"));
        var metric = MetricName().Match(OperationsFiles.Read($"{Folder}/horizontalpodautoscaler.yaml")).Groups["name"].Value;
        Assert.Contains($"`{metric}`", OperationsFiles.Read("docs/configuration.md"), StringComparison.Ordinal);
    }

    private static int Number(string? text) => int.Parse(text!, CultureInfo.InvariantCulture);

    [GeneratedRegex(@"-timeout: ""(?<seconds>\d+)""", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Timeout();

    [GeneratedRegex(@"metric: \{ name: (?<name>\w+) \}", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex MetricName();
}
