using KongUpgradeMesh.Lab.Demo.Clusters;
using KongUpgradeMesh.Lab.Demo.Environments;
using KongUpgradeMesh.Lab.Servers;

namespace KongUpgradeMesh.Lab.Demo.Standing;

/// <summary>Several environments in one process on one database server, with the file that tells others about them.</summary>
public sealed class StandingLab : IAsyncDisposable
{
    private const int MostClusters = 50;
    private readonly string _directory;
    private readonly PostgresServer _postgres;
    private readonly List<DemoEnvironment> _environments = [];

    private StandingLab(string directory, PostgresServer postgres)
    {
        _directory = directory;
        _postgres = postgres;
    }

    /// <summary>The environments.</summary>
    public IReadOnlyList<DemoEnvironment> Environments => _environments;

    /// <summary>Starts them one after the other and writes <c>lab.json</c> when all stand.</summary>
    public static async Task<StandingLab> StartAsync(StandingLabOptions options, TimeProvider clock, Action<string> say, CancellationToken cancellationToken)
    {
        if (options.Clusters is < 1 or > MostClusters)
        {
            throw new LabException($"--clusters must be 1 to {MostClusters}.");
        }

        if (File.Exists(LabState.PathIn(options.Directory)))
        {
            throw new LabException($"{LabState.PathIn(options.Directory)} says that a lab stands there already; take it down first: lab down --dir {options.Directory}");
        }

        Directory.CreateDirectory(options.Directory);
        RemoveLeftovers(options.Directory);
        var postgres = await PostgresServer.StartAsync(Path.Combine(options.Directory, "postgres"), LoopbackPorts.Take(), cancellationToken: cancellationToken);
        var lab = new StandingLab(options.Directory, postgres);
        try
        {
            for (var i = 1; i <= options.Clusters; i++)
            {
                lab._environments.Add(await DemoEnvironment.StartAsync(EnvironmentOptions(options, i, postgres), clock, say, cancellationToken));
            }

            await LabState.Of(options, postgres, lab._environments).WriteAsync(cancellationToken);
            return lab;
        }
        catch
        {
            await lab.DisposeAsync();
            throw;
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await Task.WhenAll(_environments.Select(static e => e.DisposeAsync().AsTask()));
        await _postgres.DisposeAsync();
        File.Delete(LabState.PathIn(_directory));
    }

    // What a lab that was taken down left there, known by files that only a lab has.
    private static void RemoveLeftovers(string directory)
    {
        foreach (var part in Directory.GetDirectories(directory).Where(static d => File.Exists(Path.Combine(d, "upgrade.yaml")) || File.Exists(Path.Combine(d, "data", "PG_VERSION"))))
        {
            Directory.Delete(part, recursive: true);
        }
    }

    private static DemoEnvironmentOptions EnvironmentOptions(StandingLabOptions options, int number, PostgresServer postgres)
    {
        var cluster = options.Clusters == 1 ? $"lab-{options.Datacenter}" : $"lab-{options.Datacenter}-{number}";
        return new DemoEnvironmentOptions
        {
            Directory = Path.Combine(options.Directory, $"c{number}"),
            KongX = options.KongX,
            KongY = options.KongY,
            Cluster = cluster,
            Datacenter = options.Datacenter,
            RequestsPerSecond = options.RequestsPerSecond,
            Postgres = postgres,
        };
    }
}
