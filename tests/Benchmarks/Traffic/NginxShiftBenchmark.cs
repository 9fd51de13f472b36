using KongUpgradeMesh.Lab.Load;
using KongUpgradeMesh.TrafficAgent.Drivers.Nginx.Reload;

namespace KongUpgradeMesh.Benchmarks.Traffic;

/// <summary>Fifty steps of nginx in both modes under POSTs of clients that keep their connections and never retry; then where 10,000 keys are at each share.</summary>
internal sealed class NginxShiftBenchmark : IBenchmark
{
    private const int Changes = 50;
    private const int Keys = 10_000;
    private const int Clients = 1_000;
    private const int Connections = 32;
    private const double RatePerSecond = 500;
    private const double LeastRate = 0.8;
    private static readonly TimeSpan Pace = TimeSpan.FromMilliseconds(300);
    private static readonly int[] Shares = [1, 5, 10, 25, 50, 75, 100];

    public string Name => "nginx-shift";

    public async Task<IReadOnlyList<Figure>> RunAsync(BenchmarkOptions options, CancellationToken cancellationToken)
    {
        var figures = new List<Figure>();
        foreach (var lua in new[] { true, false })
        {
            var mode = lua ? "lua" : "reload";
            await using var nginx = await NginxUnderTest.StartAsync(lua, cancellationToken);
            options.Progress($"{mode}: {Changes} steps at {RatePerSecond} POSTs a second");
            figures.AddRange(await ShiftUnderLoadAsync(nginx, lua, cancellationToken));
            options.Progress($"{mode}: {Keys} keys at each share");
            await using var fresh = await NginxUnderTest.StartAsync(lua, cancellationToken);
            figures.AddRange(await CountKeysAsync(fresh, mode, cancellationToken));
        }

        return figures;
    }

    private static async Task<IEnumerable<Figure>> ShiftUnderLoadAsync(NginxUnderTest nginx, bool lua, CancellationToken cancellationToken)
    {
        var mode = lua ? "lua" : "reload";
        await using var load = new LoadGenerator(
            new LoadOptions
            {
                Target = nginx.Frontend,
                Clients = UnequalClients(),
                Requests = [new LoadRequest { Method = "POST", Path = "/orders", Body = "{}" }],
                RatePerSecond = RatePerSecond,
                MaximumInFlight = Connections,
            },
            TimeProvider.System);
        using var enough = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var running = load.RunAsync(null, enough.Token);
        var (times, failed) = (new List<double>(), new List<double>());
        for (var change = 1; change <= Changes; change++)
        {
            var before = load.Report().Failed;
            times.Add((await Timed.RunAsync(async () =>
            {
                await nginx.ShiftAsync(change * 100 / Changes, cancellationToken);
                return true;
            })).Seconds);
            await Task.Delay(Pace, TimeProvider.System, cancellationToken);
            failed.Add(load.Report().Failed - before);
        }

        await enough.CancelAsync();
        var report = await running;
        var rate = report.Total / report.Duration.TotalSeconds;
        return
        [
            Figure.Of($"{mode}: requests a second, on {Connections} connections at most", "", [rate]),
            Figure.Claim($"{mode}: at least {LeastRate:P0} of the intended rate", rate >= LeastRate * RatePerSecond),
            Figure.Of($"{mode}: failed requests of {report.Total} over {Changes} steps", "", [report.Failed], lua ? 0 : Changes * NginxReloadCost.MeasuredMost),
            Figure.Of($"{mode}: failed requests a step", "", failed),
            Figure.Of($"{mode}: clients seen on Y and later on X", "", [report.MovedBack.Count], lua ? 0 : null),
            Figure.Of($"{mode}: a step until all workers report it", "s", times),
        ];
    }

    private static async Task<IEnumerable<Figure>> CountKeysAsync(NginxUnderTest nginx, string mode, CancellationToken cancellationToken)
    {
        var weights = UnequalClients().GroupBy(static c => c.Key, StringComparer.Ordinal).ToDictionary(static g => g.Key, static g => g.Count(), StringComparer.Ordinal);
        var (before, back, farthest, figures) = ((IReadOnlySet<string>)new HashSet<string>(), 0, 0.0, new List<Figure>());
        foreach (var share in Shares)
        {
            await nginx.ShiftAsync(share, cancellationToken);
            var onY = await KeyCensus.TakeAsync(nginx.Frontend, Keys, cancellationToken);
            back += before.Count(k => !onY.Contains(k));
            before = onY;
            var deviation = Math.Sqrt(Keys * share / 100.0 * (1 - (share / 100.0)));
            farthest = Math.Max(farthest, deviation > 0 ? Math.Abs(onY.Count - (Keys * share / 100.0)) / deviation : onY.Count == Keys ? 0 : double.PositiveInfinity);
            figures.Add(Figure.Of($"{mode}: at {share} %, share of keys", "%", [100.0 * onY.Count / Keys]));
            figures.Add(Figure.Of($"{mode}: at {share} %, share of requests of {Clients} unequal clients", "%", [100.0 * weights.Where(w => onY.Contains(w.Key)).Sum(static w => w.Value) / weights.Values.Sum()]));
        }

        return
        [
            Figure.Of($"{mode}: of {Keys} keys went back to X", "", [back], 0),
            Figure.Of($"{mode}: share of keys off by standard deviations, at most", "", [farthest], 4),
            .. figures,
        ];
    }

    // As unequal as clients of an API are: the n-th sends a fraction 1/n of what the first sends (Zipf), in an order that mixes them.
    private static LoadClient[] UnequalClients()
    {
        LoadClient[] turns = [.. Enumerable.Range(0, Clients).SelectMany(static n => Enumerable.Repeat(Client(n), Math.Max(1, Clients / (n + 1))))];
        new Random(1).Shuffle(turns);
        return turns;
    }

    private static LoadClient Client(int number) => new(KeyCensus.Key(number), new Dictionary<string, string> { ["apikey"] = KeyCensus.Key(number) });
}
