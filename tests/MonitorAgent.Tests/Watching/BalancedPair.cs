using System.Net;
using KongUpgradeMesh.Contracts.Specs;
using KongUpgradeMesh.Lab.Servers;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace KongUpgradeMesh.MonitorAgent.Tests.Watching;

/// <summary>A real load balancer before one server of cluster X and one of cluster Y, half of the clients on each, and the clients.</summary>
public abstract class BalancedPair : IAsyncDisposable
{
    /// <summary>The split, in percent.</summary>
    public const int Weight = 50;

    private static readonly TimeSpan BetweenRounds = TimeSpan.FromMilliseconds(50);

    private readonly HttpClient _client = new();
    private readonly CancellationTokenSource _end = new();
    private WebApplication? _x;
    private WebApplication? _y;
    private Task _clients = Task.CompletedTask;
    private int _asked;
    private int _answered;

    /// <summary>Every so many requests on Y are answered by <see cref="FaultOfY"/>; 0 for none.</summary>
    public int FaultyOnY { get; set; }

    /// <summary>What those are answered; 0 for a connection that is reset. A route that is lost unless set.</summary>
    public int FaultOfY { get; set; } = 404;

    /// <summary>The declaration of the balancer, as a spec has it.</summary>
    public abstract MetricSourceSpec Source { get; }

    /// <summary>A declaration that cannot be read, and what is said of it.</summary>
    public abstract (MetricSourceSpec Source, string Problem) Unreadable { get; }

    /// <summary>A directory for the balancer.</summary>
    protected string Folder { get; } = Directory.CreateTempSubdirectory("kum-balancer-").FullName;

    /// <summary>Where clients connect.</summary>
    protected abstract Uri Address { get; }

    /// <summary>Starts servers and balancer.</summary>
    public async Task StartAsync()
    {
        var ports = LoopbackPorts.Take(3);
        _x = await ServeAsync(ports[1], static () => 200);
        _y = await ServeAsync(ports[2], () => FaultyOnY > 0 && Interlocked.Increment(ref _answered) % FaultyOnY == 0 ? FaultOfY : 200);
        await StartBalancerAsync(ports[0], new IPEndPoint(IPAddress.Loopback, ports[1]), new IPEndPoint(IPAddress.Loopback, ports[2]));
    }

    /// <summary>Lets so many clients ask at once, each with a key of its own, and waits for all answers.</summary>
    public Task AskAsync(int clients) => AskAsync(clients, TestContext.Current.CancellationToken);

    /// <summary>Lets clients ask from now on, in rounds of so many.</summary>
    public void Send(int clients) => _clients = SendAsync(clients, _end.Token);

    /// <summary>Makes Y refuse every connection.</summary>
    public Task StopYAsync() => _y!.StopAsync(TestContext.Current.CancellationToken);

    /// <summary>Does to the balancer what is done in ordinary operation and may begin its counters anew.</summary>
    public abstract Task MaintainAsync();

    public async ValueTask DisposeAsync()
    {
        await _end.CancelAsync();
        await _clients.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _client.Dispose();
        await StopBalancerAsync();
        await (_x?.DisposeAsync() ?? ValueTask.CompletedTask);
        await (_y?.DisposeAsync() ?? ValueTask.CompletedTask);
        _end.Dispose();
        Directory.Delete(Folder, recursive: true);
        GC.SuppressFinalize(this);
        if (_clients.IsFaulted)
        {
            // A test that waits for what clients cause should say why they ended.
            await _clients;
        }
    }

    /// <summary>Starts the balancer.</summary>
    /// <param name="port">Where clients connect.</param>
    /// <param name="x">The node of cluster X.</param>
    /// <param name="y">The node of cluster Y.</param>
    protected abstract Task StartBalancerAsync(int port, IPEndPoint x, IPEndPoint y);

    /// <summary>Ends it, also when it did not start.</summary>
    protected abstract ValueTask StopBalancerAsync();

    private static async Task<WebApplication> ServeAsync(int port, Func<int> status)
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
        await app.StartAsync(TestContext.Current.CancellationToken);
        return app;
    }

    private async Task SendAsync(int clients, CancellationToken cancellationToken)
    {
        using var timer = new PeriodicTimer(BetweenRounds, TimeProvider.System);
        do
        {
            await AskAsync(clients, cancellationToken);
        }
        while (await timer.WaitForNextTickAsync(cancellationToken));
    }

    private Task AskAsync(int clients, CancellationToken cancellationToken) => Task.WhenAll(Enumerable.Range(0, clients).Select(async _ =>
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, Address);
        request.Headers.Add("apikey", $"client-{Interlocked.Increment(ref _asked)}");
        using var answer = await _client.SendAsync(request, cancellationToken);
    }));
}
