using System.Diagnostics;
using System.Globalization;
using KongUpgradeMesh.Contracts.Specs;

namespace KongUpgradeMesh.Benchmarks.Scraping;

/// <summary>A started <see cref="FleetServer"/>: half of its nodes are cluster X, half are Y.</summary>
internal sealed class Fleet : IAsyncDisposable
{
    public const string VersionX = "3.4.2";
    public const string VersionY = "3.9.1";

    private readonly Process _process;

    private Fleet(Process process, IReadOnlyList<int> ports) => (_process, Ports) = (process, ports);

    /// <summary>The port of each node's Status API.</summary>
    public IReadOnlyList<int> Ports { get; }

    /// <summary>The nodes of X.</summary>
    public IReadOnlyList<NodeSpec> X => [.. Ports.Take(Ports.Count / 2).Select(Node)];

    /// <summary>The nodes of Y.</summary>
    public IReadOnlyList<NodeSpec> Y => [.. Ports.Skip(Ports.Count / 2).Select(Node)];

    public static async Task<Fleet> StartAsync(int nodes, int series, CancellationToken cancellationToken)
    {
        var start = new ProcessStartInfo("dotnet", [typeof(Fleet).Assembly.Location, FleetServer.Command, $"{nodes}", $"{series}"]) { RedirectStandardInput = true, RedirectStandardOutput = true };
        var process = Process.Start(start) ?? throw new InvalidOperationException("the fleet could not be started");
        try
        {
            var ports = new List<int>();
            while (await process.StandardOutput.ReadLineAsync(cancellationToken) is { Length: > 0 } line)
            {
                ports.Add(int.Parse(line, CultureInfo.InvariantCulture));
            }

            return ports.Count == nodes ? new Fleet(process, ports) : throw new InvalidOperationException($"the fleet ended after {ports.Count} of {nodes} nodes");
        }
        catch
        {
            process.Kill();
            process.Dispose();
            throw;
        }
    }

    public async ValueTask DisposeAsync()
    {
        _process.StandardInput.Close();
        await _process.WaitForExitAsync();
        _process.Dispose();
    }

    private static NodeSpec Node(int port, int index) => new()
    {
        Name = $"node-{index + 1:000}",
        Prefix = "/nowhere",
        Proxy = new Uri($"http://127.0.0.1:{port}"),
        Admin = new Uri($"http://127.0.0.1:{port}"),
        Status = new Uri($"http://127.0.0.1:{port}"),
    };
}
