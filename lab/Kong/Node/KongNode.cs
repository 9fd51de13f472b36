using System.Net;
using System.Runtime.InteropServices;
using KongUpgradeMesh.Lab.StandInKong.Admin;
using KongUpgradeMesh.Lab.StandInKong.Configuration;
using KongUpgradeMesh.Lab.StandInKong.Faults;
using KongUpgradeMesh.Lab.StandInKong.Metrics;
using KongUpgradeMesh.Lab.StandInKong.Plugins;
using KongUpgradeMesh.Lab.StandInKong.Proxy;
using KongUpgradeMesh.Lab.StandInKong.Schemas;
using KongUpgradeMesh.Lab.StandInKong.Storage;
using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace KongUpgradeMesh.Lab.StandInKong.Node;

/// <summary>The serving process: proxy, Admin API and Status API on their own listeners, until a signal ends it.</summary>
internal static class KongNode
{
    private static readonly TimeSpan FastStop = TimeSpan.FromMilliseconds(200);

    public static async Task<int> RunAsync(Flavour flavour, KongConfiguration configuration, TimeProvider time, CancellationToken cancellationToken)
    {
        ThreadPool.SetMinThreads(16, 16);
        await using var database = await KongDatabase.OpenAsync(configuration, flavour, cancellationToken);
        var counters = new NodeCounters();
        var builder = WebApplication.CreateSlimBuilder(new WebApplicationOptions { ContentRootPath = AppContext.BaseDirectory });
        builder.Logging.ClearProviders().AddSimpleConsole(o => o.SingleLine = true).SetMinimumLevel(LogLevel.Warning).AddFilter("Yarp", LogLevel.Error);
        builder.WebHost.ConfigureKestrel(kestrel => Listen(kestrel, configuration, counters));
        AddServices(builder.Services, flavour, configuration, database, counters, time);
        await using var app = builder.Build();

        var faults = app.Services.GetRequiredService<FaultWatcher>();
        faults.Reread();
        await app.Services.GetRequiredService<SnapshotKeeper>().StartAsync(cancellationToken);
        MapPorts(app, configuration, counters);

        using var signals = new NodeSignalHandler(app.Services.GetRequiredService<SnapshotKeeper>(), faults);
        using var stopping = new CancellationTokenSource();
        await app.StartAsync(cancellationToken);
        var background = Task.WhenAll(
            Guarded(faults.RunAsync(stopping.Token)),
            Guarded(app.Services.GetRequiredService<SnapshotKeeper>().FollowAsync(stopping.Token)),
            Guarded(app.Services.GetRequiredService<ExpiredRowCleaner>().RunAsync(stopping.Token)),
            Guarded(app.Services.GetRequiredService<ClusterCounters>().RunAsync(stopping.Token)));
        await File.WriteAllTextAsync(configuration.Prefix.PidFile, Environment.ProcessId + "\n", cancellationToken);

        var graceful = await signals.Ended;
        using (var limit = new CancellationTokenSource(graceful ? Timeout.InfiniteTimeSpan : FastStop, time))
        using (signals.OnFastStop(limit.Cancel))
        {
            await app.StopAsync(limit.Token);
        }

        await stopping.CancelAsync();
        await background;
        File.Delete(configuration.Prefix.PidFile);
        return 0;
    }

    private static void Listen(KestrelServerOptions kestrel, KongConfiguration configuration, NodeCounters counters)
    {
        kestrel.AddServerHeader = false;
        kestrel.AllowSynchronousIO = false;
        kestrel.Limits.MaxRequestBodySize = null;
        kestrel.Limits.MinRequestBodyDataRate = null;
        kestrel.Limits.MinResponseDataRate = null;
        kestrel.Limits.KeepAliveTimeout = TimeSpan.FromSeconds(75);
        foreach (var address in configuration.ProxyListen.Concat(configuration.AdminListen).Concat(configuration.StatusListen).Distinct())
        {
            kestrel.Listen(new IPEndPoint(address.Address, address.Port), listen =>
            {
                listen.Protocols = HttpProtocols.Http1;
                listen.Use(next => async connection =>
                {
                    counters.ConnectionOpened();
                    try
                    {
                        await next(connection);
                    }
                    finally
                    {
                        counters.ConnectionClosed();
                    }
                });
            });
        }
    }

    private static void AddServices(IServiceCollection services, Flavour flavour, KongConfiguration configuration, KongDatabase database, NodeCounters counters, TimeProvider time)
    {
        services.AddSingleton<IHostLifetime, NodeHostLifetime>();
        services.AddSingleton(flavour).AddSingleton(configuration).AddSingleton(configuration.Prefix).AddSingleton(time).AddSingleton(counters);
        services.AddSingleton(database);
        services.AddSingleton(new NodeIdentity(Guid.NewGuid()));
        services.AddSingleton<SchemaCatalog>().AddSingleton<EntityValidator>().AddSingleton<EntityDefaults>();
        services.AddSingleton(p => new EntityStore(database, p.GetRequiredService<SchemaCatalog>(), p.GetRequiredService<NodeIdentity>().Id, time));
        services.AddSingleton<SnapshotKeeper>().AddSingleton<ExpiredRowCleaner>().AddSingleton<FaultWatcher>();
        services.AddSingleton<TrafficMetrics>().AddSingleton<MetricsPage>();
        services.AddSingleton<EntityEndpoints>().AddSingleton<NodeInformation>().AddSingleton<TagListing>().AddSingleton<NodeEndpoints>().AddSingleton<UpstreamEndpoints>().AddSingleton<AdminApi>().AddSingleton<StatusApi>();
        services.AddHttpForwarder();
        services.AddSingleton<UpstreamClients>().AddSingleton<UpstreamForwarder>().AddSingleton<GatewayAnswer>().AddSingleton<ProxyPipeline>().AddSingleton<PluginChain>();
        services.AddSingleton<ClusterCounters>();
        services.AddSingleton<IProxyPlugin, KeyAuthPlugin>().AddSingleton<IProxyPlugin, BasicAuthPlugin>().AddSingleton<IProxyPlugin, AclPlugin>();
        services.AddSingleton<IProxyPlugin, CorsPlugin>().AddSingleton<IProxyPlugin, CorrelationIdPlugin>().AddSingleton<IProxyPlugin, RequestTerminationPlugin>();
        services.AddSingleton<IProxyPlugin, RateLimitingPlugin>().AddSingleton<IProxyPlugin, JwtPlugin>();
        services.AddSingleton<IProxyPlugin, RequestTransformerPlugin>().AddSingleton<IProxyPlugin, ResponseTransformerPlugin>();
        services.AddSingleton<IProxyPlugin, IpRestrictionPlugin>().AddSingleton<IProxyPlugin, RequestSizeLimitingPlugin>();
    }

    private static void MapPorts(WebApplication app, KongConfiguration configuration, NodeCounters counters)
    {
        var proxy = app.Services.GetRequiredService<ProxyPipeline>();
        var admin = app.Services.GetRequiredService<AdminApi>();
        var status = app.Services.GetRequiredService<StatusApi>();
        var adminPorts = configuration.AdminListen.Select(l => l.Port).ToHashSet();
        var statusPorts = configuration.StatusListen.Select(l => l.Port).ToHashSet();
        app.Run(async context =>
        {
            counters.RequestBegan();
            try
            {
                var port = context.Connection.LocalPort;
                await (adminPorts.Contains(port) ? admin.HandleAsync(context) : statusPorts.Contains(port) ? status.HandleAsync(context) : proxy.HandleAsync(context));
            }
            catch (OperationCanceledException) when (context.RequestAborted.IsCancellationRequested)
            {
                // The client has gone; nobody is left to answer.
            }
            finally
            {
                counters.RequestEnded();
            }
        });
    }

    private static async Task Guarded(Task task)
    {
        try
        {
            await task;
        }
        catch (OperationCanceledException)
        {
            // The node stops.
        }
    }
}
