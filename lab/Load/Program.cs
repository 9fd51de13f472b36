using System.Text.Json;
using KongUpgradeMesh.Lab.Load;

// load --target http://127.0.0.1:8000 [--path /orders] [--rate 100] [--seconds 60] [--clients 50] [--header X-Client]
// load --echo 9000
var settings = new ConfigurationBuilder().AddCommandLine(args).Build();
using var stop = new CancellationTokenSource();
Console.CancelKeyPress += (_, e) =>
{
    e.Cancel = true;
    stop.Cancel();
};

if (settings.GetValue<int?>("echo") is { } port)
{
    await using var echo = await EchoUpstream.StartAsync(port, TimeProvider.System, stop.Token);
    Console.WriteLine(echo.Address);
    await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, stop.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    return 0;
}

if (settings["target"] is not { } target)
{
    await Console.Error.WriteLineAsync("usage: load --target URL [--path P] [--rate N] [--seconds N] [--clients N] [--header NAME] | load --echo PORT");
    return 64;
}

var header = settings["header"] ?? "X-Client";
await using var load = new LoadGenerator(
    new LoadOptions
    {
        Target = new Uri(target),
        Clients = [.. Enumerable.Range(1, settings.GetValue("clients", 50)).Select(i => new LoadClient($"client-{i}", new Dictionary<string, string> { [header] = $"client-{i}" }))],
        Requests = [new LoadRequest { Path = settings["path"] ?? "/" }],
        RatePerSecond = settings.GetValue("rate", 100.0),
    },
    TimeProvider.System);
var report = await load.RunAsync(settings.GetValue<double?>("seconds") is { } seconds ? TimeSpan.FromSeconds(seconds) : null, stop.Token);
Console.WriteLine(JsonSerializer.Serialize(report, JsonSerializerOptions.Web));
return report.Failed == 0 ? 0 : 1;
