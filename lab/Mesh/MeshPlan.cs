namespace KongUpgradeMesh.Lab.Mesh;

/// <summary>Which processes the mesh consists of, and on which ports.</summary>
internal sealed class MeshPlan(IReadOnlyList<string> datacenters, int basePort, string artifacts)
{
    private static readonly string[] Agents = ["Backup", "Deploy", "Traffic", "Monitor"];

    public IReadOnlyList<string> Datacenters { get; } = datacenters;

    public int PostgresPort => basePort + 32;

    public int RabbitMqPort => basePort + 72;

    public Uri Coordinator => new($"http://127.0.0.1:{basePort}");

    /// <summary>The services, once database and broker are known.</summary>
    public IEnumerable<MeshService> Services(string databaseConnection, int brokerPort, string brokerUser, string brokerPassword, MeshFiles files)
    {
        var common = new Dictionary<string, string?>
        {
            ["KUM_Bus__Transport"] = "RabbitMq",
            ["KUM_Bus__Host"] = "127.0.0.1",
            ["KUM_Bus__Port"] = brokerPort.ToString(),
            ["KUM_Bus__VirtualHost"] = "kum",
            ["KUM_Bus__User"] = brokerUser,
            ["KUM_Bus__Password"] = "env:KUM_BUS_PASSWORD",
            ["KUM_BUS_PASSWORD"] = brokerPassword,

            // A line for every probe would bury the rest.
            ["Logging__LogLevel__Microsoft.AspNetCore"] = "Warning",
        };
        yield return new MeshService("coordinator", Assembly("Coordinator"), basePort, new(common) { ["KUM_Messaging__ConnectionString"] = databaseConnection });
        var port = basePort;
        foreach (var datacenter in Datacenters)
        {
            foreach (var agent in Agents)
            {
                var name = $"{agent.ToLowerInvariant()}-{datacenter}";
                yield return new MeshService(name, Assembly(agent + "Agent"), ++port, new(common)
                {
                    ["KUM_Agent__Datacenter"] = datacenter,
                    ["KUM_Agent__Name"] = name,
                    ["KUM_Agent__StateDirectory"] = files.AgentState(name),
                });
            }
        }
    }

    private string Assembly(string project)
    {
        var configuration = Path.GetFileName(Path.TrimEndingDirectorySeparator(AppContext.BaseDirectory));
        return Path.Combine(artifacts, project, configuration, $"KongUpgradeMesh.{project}.dll");
    }
}
