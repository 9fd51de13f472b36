using System.Net;
using KongUpgradeMesh.Contracts.Specs;
using KongUpgradeMesh.Lab.Servers;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace KongUpgradeMesh.MonitorAgent.Tests.Watching;

/// <summary>A real HAProxy before one server of cluster X and one of cluster Y, half of the clients on each, and the clients.</summary>
internal sealed class BalancedPair : IAsyncDisposable
{
    public const int WeightY = 50;
    private static readonly TimeSpan BetweenRounds = TimeSpan.FromMilliseconds(50);

    private readonly string _directory = Directory.CreateTempSubdirectory("kum-balancer-").FullName;
    private readonly HttpClient _client = new();
    private readonly CancellationTokenSource _end = new();
    private readonly WebApplication _x;
    private readonly WebApplication _y;
    private HaproxyServer _haproxy = null!;
    private Task _clients = Task.CompletedTask;
    private int _asked;
    private int _answered;

    private BalancedPair(int portX, int portY) => (_x, _y) = (Server(portX, static () => 200), Server(portY, AnswerOfY));

    /// <summary>Every so many requests on Y are answered by <see cref="FaultOfY"/>; 0 for none.</summary>
    public int FaultyOnY { get; set; }

    /// <summary>What those are answered; 0 for a connection that is reset.</summary>
    public int FaultOfY { get; set; } = 404;

    /// <summary>The declaration of the balancer, as a spec has it.</summary>
    public MetricSourceSpec Source => new()
    {
        Kind = HAProxySourceSpec.Kind,
        Settings = new Dictionary<string, string> { ["socket"] = _haproxy.Socket, ["backendX"] = HaproxyServer.BackendX, ["backendY"] = HaproxyServer.BackendY, ["timeout"] = "10s" },
    };

    public static async Task<BalancedPair> StartAsync()
    {
        var cancellationToken = TestContext.Current.CancellationToken;
        var ports = LoopbackPorts.Take(3);
        var pair = new BalancedPair(ports[1], ports[2]);
        try
        {
            await pair._x.StartAsync(cancellationToken);
            await pair._y.StartAsync(cancellationToken);
            pair._haproxy = await HaproxyServer.StartAsync(
                pair._directory,
                new HaproxyLayout { FrontendPort = ports[0], NodesX = [new IPEndPoint(IPAddress.Loopback, ports[1])], NodesY = [new IPEndPoint(IPAddress.Loopback, ports[2])] },
                cancellationToken);
            await pair._haproxy.SetWeightAsync(WeightY, cancellationToken);
            return pair;
        }
        catch
        {
            await pair.DisposeAsync();
            throw;
        }
    }

    /// <summary>Lets so many clients ask at once, each with a key of its own, and waits for all answers.</summary>
    public Task AskAsync(int clients) => Task.WhenAll(Enumerable.Range(0, clients).Select(_ => AskAsync(TestContext.Current.CancellationToken)));

    /// <summary>Lets clients ask from now on, in rounds of so many.</summary>
    public void Send(int clients) => _clients = SendAsync(clients, _end.Token);

    /// <summary>Reloads HAProxy as its service does.</summary>
    public async Task ReloadAsync()
    {
        await _haproxy.ReloadAsync(TestContext.Current.CancellationToken);
        await _haproxy.SetWeightAsync(WeightY, TestContext.Current.CancellationToken);
    }

    /// <summary>Makes Y refuse every connection.</summary>
    public Task StopYAsync() => _y.StopAsync(TestContext.Current.CancellationToken);

    /// <summary>Takes the balancer's runtime socket away; clients are served on.</summary>
    public void HideSocket() => File.Delete(_haproxy.Socket);

    public async ValueTask DisposeAsync()
    {
        await _end.CancelAsync();
        await _clients.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _client.Dispose();
        if (_haproxy is not null)
        {
            await _haproxy.DisposeAsync();
        }

        await _x.DisposeAsync();
        await _y.DisposeAsync();
        _end.Dispose();
        Directory.Delete(_directory, recursive: true);
    }

    private async Task SendAsync(int clients, CancellationToken cancellationToken)
    {
        using var timer = new PeriodicTimer(BetweenRounds, TimeProvider.System);
        do
        {
            await Task.WhenAll(Enumerable.Range(0, clients).Select(_ => AskAsync(cancellationToken)));
        }
        while (await timer.WaitForNextTickAsync(cancellationToken));
    }

    private async Task AskAsync(CancellationToken cancellationToken)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, _haproxy.Address);
        request.Headers.Add("apikey", $"client-{Interlocked.Increment(ref _asked)}");
        using var answer = await _client.SendAsync(request, cancellationToken);
    }

    private int AnswerOfY() => FaultyOnY > 0 && Interlocked.Increment(ref _answered) % FaultyOnY == 0 ? FaultOfY : 200;

    private static WebApplication Server(int port, Func<int> status)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls($"http://127.0.0.1:{port}");
        var app = builder.Build();
        app.Run(context =>
        {
            var answer = status();
            if (answer == 0)
            {
                context.Abort();
                return Task.CompletedTask;
            }

            context.Response.StatusCode = answer;
            return Task.CompletedTask;
        });
        return app;
    }
}
