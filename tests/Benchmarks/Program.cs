using System.CommandLine;
using KongUpgradeMesh.Benchmarks;
using KongUpgradeMesh.Benchmarks.Fingerprints;
using KongUpgradeMesh.Benchmarks.Judging;
using KongUpgradeMesh.Benchmarks.Restores;
using KongUpgradeMesh.Benchmarks.Scraping;
using KongUpgradeMesh.Benchmarks.Traffic;
using Spectre.Console;

IBenchmark[] all = [new FingerprintBenchmark(), new RestoreBenchmark(), new JudgeBenchmark(), new LatencyBenchmark(), new ScrapeBenchmark(), new HaproxyShiftBenchmark(), new NginxShiftBenchmark(), new ReflexBenchmark()];

var names = new Argument<string[]>("benchmark") { Description = $"Which to run, one after another: {string.Join(", ", all.Select(static b => b.Name))}", Arity = ArgumentArity.OneOrMore };
names.AcceptOnlyFromAmong([.. all.Select(static b => b.Name)]);
var rows = new Option<int>("--rows") { Description = "Consumers, each with one credential; upgrades simulated for each line of judge and latency", DefaultValueFactory = static _ => 1_000_000 };
var rounds = new Option<int>("--rounds") { Description = "How often each thing is measured; the median counts", DefaultValueFactory = static _ => 5 };
var parallel = new Option<int>("--parallel") { Description = "How many simulations run at once, where a benchmark simulates", DefaultValueFactory = static _ => 1 };
var seconds = new Option<int>("--seconds") { Description = "How long scrape watches, 30 or more", DefaultValueFactory = static _ => 600 };
var only = new Option<string?>("--only") { Description = "Simulate only the lines of judge and latency whose description contains this, such as \"10 req/s\" or \"+2 points\"" };
var json = new Option<bool>("--json") { Description = "Print the figures as JSON" };
foreach (var option in new[] { rows, rounds, parallel, seconds })
{
    option.Validators.Add(result =>
    {
        if (result.GetValueOrDefault<int>() < 1)
        {
            result.AddError($"{option.Name} must be 1 or more");
        }
    });
}

var root = new RootCommand("Benchmarks of Kong Upgrade Mesh: ratios against things run beside them. Exit code 1: a target was missed.") { names, rows, rounds, parallel, seconds, only, json };
root.SetAction(async (parsed, cancellationToken) =>
{
    var progress = AnsiConsole.Create(new AnsiConsoleSettings { Out = new AnsiConsoleOutput(Console.Error) });
    var options = new BenchmarkOptions(parsed.GetValue(rows), parsed.GetValue(rounds), parsed.GetValue(parallel), parsed.GetValue(seconds), parsed.GetValue(only), line => progress.MarkupLineInterpolated($"[grey]{line}[/]"));
    var reports = new List<BenchmarkReport>();
    foreach (var benchmark in parsed.GetValue(names)!.Distinct().Select(name => all.Single(b => b.Name == name)))
    {
        reports.Add(new BenchmarkReport(benchmark.Name, await benchmark.RunAsync(options, cancellationToken)));
    }

    if (reports.Any(static r => r.Figures.Count == 0))
    {
        progress.MarkupLineInterpolated($"[red]No line contains \"{options.Only}\".[/]");
        return 1;
    }

    BenchmarkReport.Print(reports, parsed.GetValue(json), Console.Out);
    return reports.All(static r => r.IsMet) ? 0 : 1;
});

// The nodes that scrape watches are this program once more.
var nodes = new Argument<int>("nodes");
var series = new Argument<int>("series");
var fleet = new Command(FleetServer.Command) { nodes, series };
fleet.Hidden = true;
fleet.SetAction(parsed => ScrapeBenchmark.ServeAsync(parsed.GetValue(nodes), parsed.GetValue(series)));
root.Add(fleet);
return await root.Parse(args).InvokeAsync();
