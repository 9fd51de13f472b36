using KongUpgradeMesh.Contracts.Specs;
using KongUpgradeMesh.Lab.Demo.Clusters;
using KongUpgradeMesh.Lab.Demo.Configuration;

namespace KongUpgradeMesh.Lab.Demo.Specs;

/// <summary>Writes down a lab cluster as the spec of its upgrade.</summary>
public static class LabSpec
{
    private const string Loopback = "127.0.0.1";

    // The first version whose open-source edition opens Kong Manager, with TLS on fixed ports, unless told not to.
    private static readonly Version FirstWithManager = new(3, 4);

    /// <summary>The spec of the layout's upgrade.</summary>
    public static UpgradeSpec For(LabLayout layout) => new()
    {
        Cluster = layout.Cluster,
        Datacenter = layout.Datacenter,
        From = Cluster(layout, layout.KongX, layout.DatabaseX, layout.ConfX, "x-1", layout.PrefixX, layout.PortsX),
        To = Cluster(layout, layout.KongY, layout.DatabaseY, layout.ConfY, "y-1", layout.PrefixY, layout.PortsY),
        Backup = new() { Directory = Path.Combine(layout.Directory, "backups") },
        Traffic = new()
        {
            Driver = layout.TrafficDriver,
            Settings = layout.TrafficSettings,
            Steps = layout.Pacing.Steps,
            Dwell = layout.Pacing.Dwell,
            MinimumRequests = layout.Pacing.MinimumRequests,
            DecideWithin = layout.Pacing.DecideWithin,
            DeadMan = new() { After = layout.Pacing.DeadManAfter },
        },
        Monitor = new() { MinimumSamples = layout.Pacing.MinimumRequests, Sources = layout.Sources },
        Staging = new() { Checks = Checks() },
        Soak = layout.Pacing.Soak,
        AfterWatch = layout.Pacing.AfterWatch,
    };

    /// <summary>The kong.conf of either cluster: what its nodes have in common.</summary>
    public static string Conf(string cluster, string side, int postgresPort, string user, string database) =>
        $"""
        # Cluster {side} of {cluster}
        database = postgres
        pg_host = {Loopback}
        pg_port = {postgresPort}
        pg_user = {user}
        pg_database = {database}
        log_level = notice

        """;

    private static ClusterSpec Cluster(LabLayout layout, KongExecutable kong, string database, string conf, string node, string prefix, NodePorts ports) => new()
    {
        Version = kong.Version.ToString(),
        Database = new() { Host = Loopback, Port = layout.PostgresPort, Name = database, User = layout.PostgresUser },
        Deployment = new()
        {
            Executable = kong.Path,
            Conf = conf,
            Environment = CommonEnvironment(kong.Version),
        },
        Nodes =
        [
            new()
            {
                Name = node,
                Prefix = prefix,
                Proxy = Address(ports.Proxy),
                Admin = Address(ports.Admin),
                Status = Address(ports.Status),
                Environment = new Dictionary<string, string>
                {
                    ["KONG_PROXY_LISTEN"] = $"{Loopback}:{ports.Proxy}",
                    ["KONG_ADMIN_LISTEN"] = $"{Loopback}:{ports.Admin}",
                    ["KONG_STATUS_LISTEN"] = $"{Loopback}:{ports.Status}",
                },
            },
        ],
    };

    private static Dictionary<string, string> CommonEnvironment(Version kong)
    {
        var environment = new Dictionary<string, string>
        {
            ["KONG_NGINX_WORKER_PROCESSES"] = "1",
            ["KONG_ANONYMOUS_REPORTS"] = "off",
        };
        if (kong >= FirstWithManager)
        {
            environment["KONG_ADMIN_GUI_LISTEN"] = "off";
        }

        return environment;
    }

    private static HttpCheckSpec[] Checks() =>
    [
        new() { Name = "An application lists its orders", Path = "/orders", Headers = ApiKey(SampleClients.Applications[0]) },
        new() { Name = "A line of an order, by expression", Path = "/orders/17/lines", Headers = ApiKey(SampleClients.Applications[1]) },
        new() { Name = "Orders without a key are refused", Path = "/orders", ExpectStatus = 401 },
        new() { Name = "Staff sees customers", Path = "/customers", Headers = Basic(SampleClients.Staff.First()) },
        new() { Name = "The catalog is public", Path = "/catalog" },
    ];

    private static Dictionary<string, string> ApiKey(string application) => new() { ["apikey"] = SampleClients.Key(application) };

    private static Dictionary<string, string> Basic(string partner) => new() { ["Authorization"] = SampleClients.BasicHeader(partner) };

    private static Uri Address(int port) => new($"http://{Loopback}:{port}");
}
