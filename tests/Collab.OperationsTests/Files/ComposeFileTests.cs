using System.Text.Json;
using System.Text.RegularExpressions;
using Xunit;

namespace Collab.OperationsTests.Files;

/// <summary><c>docker-compose.yml</c> and what it mounts fit together, and give nothing away.</summary>
public sealed partial class ComposeFileTests
{
    private const string EnvironmentFile = "infra/docker/.env.example";

    private static readonly JsonElement Compose = OperationsFiles.ReadYaml("docker-compose.yml");
    private static readonly Dictionary<string, JsonElement> Services = Compose.GetProperty("services").EnumerateObject().ToDictionary(s => s.Name, s => s.Value);

    public static TheoryData<string> Names { get; } = new(Services.Keys);

    [Fact]
    public void There_are_a_server_its_store_and_what_observes_it_and_three_servers_where_a_cluster_is_wanted()
    {
        Assert.Equal(["grafana", "migrate", "postgres", "prometheus", "server"], Named(inCluster: false));
        Assert.Equal(["proxy", "redis", "server-1", "server-2", "server-3"], Named(inCluster: true));

        static IEnumerable<string> Named(bool inCluster) =>
            Services.Where(s => s.Value.Texts("profiles").Contains("cluster") == inCluster).Select(s => s.Key).Order(StringComparer.Ordinal);
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void An_image_is_one_version(string name) => Assert.Matches(PinnedImage(), Services[name].Text("image")!);

    [Theory]
    [MemberData(nameof(Names))]
    public void A_container_can_do_little_harm(string name)
    {
        var service = Services[name];
        Assert.Equal("true", service.Text("read_only"));
        Assert.Equal(["ALL"], service.Texts("cap_drop"));
        Assert.Contains("no-new-privileges:true", service.Texts("security_opt"));
        Assert.All(new[] { "mem_limit", "cpus", "pids_limit", "restart" }, key => Assert.False(string.IsNullOrEmpty(service.Text(key)), key));
        Assert.All(service.Texts("ports"), port => Assert.StartsWith("127.0.0.1:", port, StringComparison.Ordinal));
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void A_container_waits_for_the_health_of_what_it_needs(string name)
    {
        if (!Services[name].TryGetProperty("depends_on", out var needed))
        {
            Assert.Contains(name, new[] { "postgres", "redis", "prometheus" });
            return;
        }
        Assert.All(needed.EnumerateObject(), dependency =>
        {
            if (dependency.Name == "migrate")
            {
                Assert.Equal("service_completed_successfully", dependency.Value.Text("condition"));
                return;
            }
            Assert.Equal("service_healthy", dependency.Value.Text("condition"));
            var hasCheck = Services[dependency.Name].TryGetProperty("healthcheck", out _);
            Assert.True(hasCheck || OperationsFiles.Read("infra/docker/Dockerfile").Contains("\nHEALTHCHECK ", StringComparison.Ordinal), dependency.Name);
        });
    }

    [Theory]
    [InlineData("server")]
    [InlineData("server-1")]
    [InlineData("server-2")]
    [InlineData("server-3")]
    public void A_server_is_neither_superuser_nor_owner_of_its_tables(string name)
    {
        Assert.Contains("Username=collab_owner;", Services["migrate"].GetProperty("environment").Text("ConnectionStrings__Collab"), StringComparison.Ordinal);
        Assert.Contains("Username=collab;", Services[name].GetProperty("environment").Text("ConnectionStrings__Collab"), StringComparison.Ordinal);
        Assert.Equal("false", Services[name].GetProperty("environment").Text("Collab__Store__MigrateOnStart"));
        Assert.False(Services["postgres"].GetProperty("environment").TryGetProperty("POSTGRES_USER", out _));
    }

    [Fact]
    public void Secrets_come_from_the_environment_and_have_no_default()
    {
        var settings = Services.Values.Where(s => s.TryGetProperty("environment", out _)).SelectMany(s => s.GetProperty("environment").EnumerateObject()).ToArray();
        var secret = settings.Where(s => SecretName().IsMatch(s.Name)).ToArray();
        Assert.Equal(15, secret.Length);
        // Redis' is not asked of those who run one server; its container wants it.
        Assert.All(secret, s => Assert.Matches(@"^\$\{(\w+:\?[^}]+|REDIS_PASSWORD:-)\}$", s.Value.GetString()));
        Assert.All(settings, s => Assert.DoesNotMatch(@"(?i)password=(?!\$\{)", s.Value.GetString()));

        // The example names every variable that must be set, and gives none a value.
        var required = Variable().Matches(OperationsFiles.Read("docker-compose.yml")).Where(m => m.Groups["how"].Value == "?").Select(m => m.Groups["name"].Value).Distinct();
        var example = OperationsFiles.Read(EnvironmentFile).Split('\n');
        Assert.All(required, variable => Assert.Contains($"{variable}=", example));
        var optional = Variable().Matches(OperationsFiles.Read("docker-compose.yml")).Where(m => m.Groups["how"].Value == "-");
        Assert.All(optional, m => Assert.Contains($"#{m.Groups["name"].Value}={m.Groups["rest"].Value}", example));
        Assert.Contains("/.env", OperationsFiles.Read(".gitignore").Split('\n'));
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void What_is_mounted_is_there(string name)
    {
        foreach (var volume in Services[name].Texts("volumes").Select(v => v.Split(':')))
        {
            if (volume[0].StartsWith("./", StringComparison.Ordinal))
            {
                Assert.True(Path.Exists(OperationsFiles.PathOf(volume[0])), volume[0]);
                Assert.Equal("ro", volume[2]);
            }
            else
            {
                Assert.True(Compose.GetProperty("volumes").TryGetProperty(volume[0], out _), volume[0]);
            }
        }
    }

    [Fact]
    public void Grafana_finds_its_dashboard_and_Prometheus()
    {
        var grafana = Services["grafana"];
        var mounts = grafana.Texts("volumes").Select(v => v.Split(':')).ToDictionary(v => v[1], v => v[0]);
        var home = grafana.GetProperty("environment").Text("GF_DASHBOARDS_DEFAULT_HOME_DASHBOARD_PATH")!;
        Assert.Contains(home, mounts.Keys);

        var provider = OperationsFiles.ReadYaml("infra/grafana/provisioning/dashboards/collab.yml").GetProperty("providers")[0];
        Assert.Equal(Path.GetDirectoryName(home), provider.GetProperty("options").Text("path"));

        var source = OperationsFiles.ReadYaml("infra/grafana/provisioning/datasources/prometheus.yml").GetProperty("datasources")[0];
        Assert.Equal("http://prometheus:9090", source.Text("url"));
        Assert.EndsWith(":9090", Services["prometheus"].Texts("ports").Single(), StringComparison.Ordinal);
        Assert.Equal("prometheus", source.Text("type"));
        Assert.Equal(OperationsFiles.ReadYaml("infra/prometheus/prometheus.yml").GetProperty("global").Text("scrape_interval"), source.GetProperty("jsonData").Text("timeInterval"));

        // The dashboard's links lead to a file that Grafana serves.
        var docs = Dashboard.Read().Variables.Single(v => v.Text("name") == "docs").Text("query");
        Assert.Equal("./docs/operations.md", mounts[$"/usr/share/grafana{docs}"]);
    }

    [Fact]
    public void Prometheus_finds_its_rules()
    {
        var configuration = OperationsFiles.ReadYaml("infra/prometheus/prometheus.yml");
        Assert.All(configuration.Texts("rule_files"), file => Assert.True(File.Exists(OperationsFiles.PathOf($"infra/prometheus/{file}")), file));
        Assert.Empty(NetworksOf("postgres").Intersect(NetworksOf("prometheus")));
    }

    /// <summary>By the name that they all have in the network that it is in, too.</summary>
    [Theory]
    [InlineData("server")]
    [InlineData("server-1")]
    [InlineData("server-2")]
    [InlineData("server-3")]
    public void Prometheus_finds_the_metrics_of_a_server(string name)
    {
        var discovery = OperationsFiles.ReadYaml("infra/prometheus/prometheus.yml").GetProperty("scrape_configs").EnumerateArray()
            .Single(s => s.Text("job_name") == "collab").GetProperty("dns_sd_configs")[0];
        var environment = Services[name].GetProperty("environment");
        var shared = NetworksOf(name).Intersect(NetworksOf("prometheus")).Single();
        var aliases = Services[name].GetProperty("networks") is { ValueKind: JsonValueKind.Object } networks ? networks.GetProperty(shared).Texts("aliases") : [];

        Assert.Contains(discovery.Texts("names").Single(), aliases.Append(name));
        Assert.Equal(environment.Text("Collab__Metrics__Port"), discovery.Text("port"));
        Assert.Contains("Host=postgres;", environment.Text("ConnectionStrings__Collab"), StringComparison.Ordinal);
        Assert.DoesNotContain(Services[name].Texts("ports"), port => port.EndsWith(":9464", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("server-1")]
    [InlineData("server-2")]
    [InlineData("server-3")]
    public void The_servers_of_a_cluster_share_a_bus_that_is_not_reached_from_outside(string name)
    {
        Assert.StartsWith("redis:6379,", Services[name].GetProperty("environment").Text("Collab__Bus__Redis"), StringComparison.Ordinal);
        Assert.Contains("bus", NetworksOf(name));
        Assert.Equal(["bus"], NetworksOf("redis"));
        Assert.Equal("true", Compose.GetProperty("networks").GetProperty("bus").Text("internal"));
        Assert.Empty(Services["redis"].Texts("ports"));
        Assert.Empty(Services[name].Texts("ports"));
        Assert.Contains($"server {name}:8080 ", OperationsFiles.Read("infra/proxy/cluster.conf"), StringComparison.Ordinal);
        // Told to go in turns, and the container's engine gives them the time for it.
        var environment = Services[name].GetProperty("environment");
        var needed = int.Parse(environment.Text("Collab__Drain__DelaySeconds")!, null) + int.Parse(environment.Text("Collab__Drain__OverSeconds")!, null) + 5;
        Assert.InRange(needed, 30, int.Parse(Services[name].Text("stop_grace_period")!.TrimEnd('s'), null) - 1);
    }

    /// <summary>A list of names, or names with what a service is called there.</summary>
    private static IEnumerable<string> NetworksOf(string name) => Services[name].GetProperty("networks") is { ValueKind: JsonValueKind.Object } networks
        ? networks.EnumerateObject().Select(network => network.Name)
        : Services[name].Texts("networks");

    [GeneratedRegex(@"^[\w./-]+:v?\d+\.\d+(\.\d+)?(-\w+)?$", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex PinnedImage();

    [GeneratedRegex("PASSWORD|KEY|SECRET|TOKEN", RegexOptions.IgnoreCase | RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex SecretName();

    [GeneratedRegex(@"\$\{(?<name>\w+):(?<how>[?-])(?<rest>[^}]*)\}", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Variable();
}
