using KongUpgradeMesh.Contracts;
using KongUpgradeMesh.Lab.Load;
using KongUpgradeMesh.TrafficAgent.Drivers;
using KongUpgradeMesh.TrafficAgent.Splits;

namespace KongUpgradeMesh.Benchmarks.Traffic;

/// <summary>What moving traffic costs clients of a real HAProxy: changes of the split under load, where keys go, and which share of the requests a share of keys is.</summary>
internal sealed class HaproxyShiftBenchmark : IBenchmark
{
    private const int ChangesPerRound = 10;
    private const int Keys = 10_000;
    private const int BusyKeys = 1_000;
    private const double Rate = 600;
    private const double LeastRate = 500;
    private const double CensusRate = 3_000;
    private const double SigmaTarget = 4;
    private static readonly int[] ShiftedTo = [1, 10, 50, 100];
    private static readonly int[] Shares = [0, 1, 5, 10, 25, 50, 75, 100];
    private static readonly TimeSpan BetweenChanges = TimeSpan.FromMilliseconds(500);
    private static readonly TimeSpan ShareWindow = TimeSpan.FromSeconds(5);

    public string Name => "haproxy-shift";

    public async Task<IReadOnlyList<Figure>> RunAsync(BenchmarkOptions options, CancellationToken cancellationToken)
    {
        await using var bench = await HaproxyBench.StartAsync(cancellationToken);
        return
        [
            .. await ChangeUnderLoadAsync(bench, options, cancellationToken),
            .. await FollowKeysAsync(bench, options, cancellationToken),
        ];
    }

    private static async Task<IEnumerable<Figure>> ChangeUnderLoadAsync(HaproxyBench bench, BenchmarkOptions options, CancellationToken cancellationToken)
    {
        var changes = options.Rounds * ChangesPerRound;
        options.Progress($"{changes} changes of the split under {Rate} POST a second on kept connections, never repeated");
        await using var load = bench.Load([.. Enumerable.Range(0, BusyKeys).Select(HaproxyBench.Client)], Rate);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var running = load.RunAsync(null, stop.Token);
        var took = new List<double>();
        for (var change = 0; change < changes; change++)
        {
            await Task.Delay(BetweenChanges, TimeProvider.System, cancellationToken);
            var (epoch, step) = ((change / 5 * 2) + 1, (change % 5) + 1);
            var timed = await Timed.RunAsync(async () =>
            {
                if (step == 5)
                {
                    load.DeclareRollback();
                    await bench.Driver.RestoreAsync(bench.Record(epoch + 1, 0, 0), cancellationToken);
                }
                else
                {
                    load.DeclareShift();
                    await bench.Driver.ApplyAsync(bench.Record(epoch, step, ShiftedTo[step - 1]), false, cancellationToken);
                }

                return true;
            });
            took.Add(timed.Seconds * 1000);
        }

        await stop.CancelAsync();
        var report = await running;
        var perSecond = report.Total / report.Duration.TotalSeconds;
        return
        [
            Figure.Of($"requests under {changes} changes", "", [report.Total]),
            Figure.Of("requests a second", "/s", [perSecond]),
            Figure.Claim($"at least {LeastRate} a second, none skipped", perSecond >= LeastRate && report.Skipped == 0),
            Figure.Of("failed requests", "", [report.Failed], 0),
            Figure.Of("clients that went back to X without a restore", "", [report.MovedBack.Count], 0),
            Figure.Of("a change, until HAProxy reports it and its file is on disk", "ms", took),
            Figure.Of("latency of all requests, p99 of the slower side", "ms", [Math.Max(report.LatencyX.P99, report.LatencyY.P99)]),
        ];
    }

    private static async Task<IEnumerable<Figure>> FollowKeysAsync(HaproxyBench bench, BenchmarkOptions options, CancellationToken cancellationToken)
    {
        var (before, backwards, sigmas, step) = (new bool[Keys], 0, new List<double>(), 0);
        var beside = new List<Figure>();
        var epoch = (options.Rounds * ChangesPerRound) + 10;
        foreach (var share in Shares)
        {
            options.Progress($"{Keys} keys at {share} % on Y");
            await bench.Driver.ApplyAsync(bench.Record(epoch, ++step, share), false, cancellationToken);
            var now = await CensusAsync(bench, cancellationToken);
            backwards += Enumerable.Range(0, Keys).Count(key => before[key] && !now[key]);
            var onY = now.Count(static y => y);
            var expected = Keys * share / 100.0;
            var sigma = Math.Sqrt(expected * (100 - share) / 100.0);
            sigmas.Add(sigma > 0 ? Math.Abs(onY - expected) / sigma : Math.Abs(onY - expected) * SigmaTarget * 2);
            before = now;
            if (share is 10 or 50)
            {
                options.Progress($"requests of unequally busy keys at {share} % on Y");
                beside.Add(Figure.Of($"share of keys on Y, set to {share}", "%", [100.0 * onY / Keys]));
                beside.Add(Figure.Of($"share of requests on Y beside it ({BusyKeys} keys by Zipf)", "%", [100 * await ShareOfRequestsAsync(bench, cancellationToken)]));
            }
        }

        return
        [
            Figure.Of($"of {Keys} keys moved back to X while the share grew", "", [backwards], 0),
            Figure.Of("largest distance of the share of keys from the set one, in standard deviations", "", [sigmas.Max()], SigmaTarget),
            .. beside,
        ];
    }

    private static async Task<bool[]> CensusAsync(HaproxyBench bench, CancellationToken cancellationToken)
    {
        var sides = new string?[Keys];
        var missing = Keys;
        using var all = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        await using var load = bench.Load([.. Enumerable.Range(0, Keys).Select(HaproxyBench.Client)], CensusRate, (client, _, answer, _, _) =>
        {
            if (Interlocked.CompareExchange(ref sides[int.Parse(client.Key)], answer.Side, null) is null && answer.Side is not null && Interlocked.Decrement(ref missing) == 0)
            {
                all.Cancel();
            }
        });
        await load.RunAsync(TimeSpan.FromMinutes(1), all.Token);
        return missing == 0 ? [.. sides.Select(static s => s == "y")] : throw new InvalidOperationException($"{missing} keys got no answer within a minute");
    }

    private static async Task<double> ShareOfRequestsAsync(HaproxyBench bench, CancellationToken cancellationToken)
    {
        // Busy as clients are: the k-th key sends 1/k of what the first sends. The seed makes two runs ask the same.
        var random = new Random(4);
        var sums = new double[BusyKeys];
        for (var key = 0; key < BusyKeys; key++)
        {
            sums[key] = (key > 0 ? sums[key - 1] : 0) + (1.0 / (key + 1));
        }

        var clients = Enumerable.Range(0, 5_000).Select(_ =>
        {
            var at = Array.BinarySearch(sums, random.NextDouble() * sums[^1]);
            return HaproxyBench.Client(at < 0 ? ~at : at);
        });
        await using var load = bench.Load([.. clients], Rate);
        return (await load.RunAsync(ShareWindow, cancellationToken)).ShareY;
    }
}
