using System.Net;
using KongUpgradeMesh.Contracts.Specs;
using KongUpgradeMesh.Lab.Servers;
using KongUpgradeMesh.TestKit;

namespace KongUpgradeMesh.MonitorAgent.Tests.Watching;

/// <summary>A pair behind nginx as the operators' document configures it.</summary>
public sealed class NginxPair : BalancedPair
{
    private NginxServer? _nginx;
    private int _port;

    public override MetricSourceSpec Source => SourceOf(Log);

    public override (MetricSourceSpec Source, string Problem) Unreadable => (SourceOf(Path.Combine(Folder, "missing.log")), "missing.log does not exist");

    protected override Uri Address => new($"http://127.0.0.1:{_port}");

    private string Log => Path.Combine(Folder, "kum.log");

    /// <summary>Declares a log that is there, but is not nginx's.</summary>
    public MetricSourceSpec OtherLog()
    {
        var other = Path.Combine(Folder, "other.log");
        File.WriteAllText(other, "");
        return SourceOf(other);
    }

    public override async Task MaintainAsync()
    {
        File.Move(Log, Log + ".1");
        _nginx!.ReopenLog();
        await Eventually.HoldsAsync("a new log", () => Task.FromResult(File.Exists(Log)));
    }

    protected override async Task StartBalancerAsync(int port, IPEndPoint x, IPEndPoint y)
    {
        _port = port;
        await File.WriteAllTextAsync(Path.Combine(Folder, "split.conf"), NginxServer.SplitBy("none", Weight), TestContext.Current.CancellationToken);
        var layout = new NginxLayout
        {
            Document = Path.Combine(Repository.Root, "docs", "traffic", "nginx.md"),
            AccessLog = Log,
            FrontendPort = port,
            ControlPort = LoopbackPorts.Take(),
            NodesX = [x],
            NodesY = [y],
        };
        _nginx = await NginxServer.StartAsync(Folder, layout, TestContext.Current.CancellationToken);
    }

    protected override ValueTask StopBalancerAsync() => _nginx?.DisposeAsync() ?? ValueTask.CompletedTask;

    private static MetricSourceSpec SourceOf(string log) => new() { Kind = NginxSourceSpec.Kind, Settings = new Dictionary<string, string> { ["log"] = log } };
}
