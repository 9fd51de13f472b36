using KongUpgradeMesh.Cli.Events;
using KongUpgradeMesh.Contracts.Api;
using Spectre.Console;
using Spectre.Console.Rendering;

namespace KongUpgradeMesh.Cli.Live;

/// <summary>One upgrade on a screen: feed it views and timeline entries, from any thread, and render it as often as you like.</summary>
public sealed class LiveView(TimeProvider clock) : IUpgradeObserver
{
    private const int KeptEntries = 50;
    private const int ShownDetails = 8;
    private readonly Lock _gate = new();
    private readonly PhaseTable _phases = new();
    private readonly List<TimelineEntry> _entries = [];
    private UpgradeView? _upgrade;
    private TimelineEntry? _verdict;
    private string? _lost;

    /// <summary>Lines below the rest, for example what a demo knows of its clients. Default empty.</summary>
    public IReadOnlyList<string> Footer { get; set; } = [];

    /// <summary>How many of the newest timeline entries are shown. Default 6.</summary>
    public int ShownEntries { get; init; } = 6;

    /// <inheritdoc/>
    public void Show(UpgradeView upgrade)
    {
        lock (_gate)
        {
            _upgrade = upgrade;
            _phases.Show(upgrade);
        }
    }

    /// <inheritdoc/>
    public void Add(TimelineEntry entry)
    {
        lock (_gate)
        {
            _phases.Add(entry);
            _entries.Add(entry);
            if (_entries.Count > KeptEntries)
            {
                _entries.RemoveAt(0);
            }

            if (entry.Kind == "verdict")
            {
                _verdict = entry;
            }
        }
    }

    /// <inheritdoc/>
    public void Connection(string? lost)
    {
        lock (_gate)
        {
            _lost = lost;
        }
    }

    /// <summary>The picture of this moment.</summary>
    public IRenderable Render()
    {
        lock (_gate)
        {
            if (_upgrade is not { } upgrade)
            {
                return new Markup("[grey]waiting for the coordinator …[/]");
            }

            var parts = new List<IRenderable> { new Markup(LiveText.Header(upgrade)), new Markup(LiveText.Traffic(upgrade)), PhaseGrid() };
            AddLine(parts, _verdict is null ? null : $"[bold]Verdict[/]   {LiveText.Verdict(_verdict)}");
            AddLine(parts, LiveText.Work(upgrade));
            AddLine(parts, LiveText.Wait(upgrade, clock.GetUtcNow()));
            AddLine(parts, upgrade.Tainted ? "[yellow]! tainted: a fence lapsed or a configuration drifted during the run[/]" : null);
            if (upgrade.Failure is { } failure)
            {
                parts.Add(new Markup($"[red]✗ {Markup.Escape(failure.Code)}[/]  {Markup.Escape(failure.Message)}"));
                parts.AddRange(failure.Details.Take(ShownDetails).Select(static detail => new Markup("  " + Markup.Escape(detail))));
                parts.Add(new Markup($"  [bold]Remedy[/]  {Markup.Escape(failure.Remedy)}"));
            }

            parts.Add(EntryGrid());
            parts.AddRange(Footer.Select(static line => new Markup(Markup.Escape(line))));
            AddLine(parts, _lost is null ? null : $"[yellow]! {Markup.Escape(_lost)} Trying again …[/]");
            return new Rows(parts);
        }
    }

    private static void AddLine(List<IRenderable> parts, string? markup)
    {
        if (markup is not null)
        {
            parts.Add(new Markup(markup));
        }
    }

    private Grid PhaseGrid()
    {
        var grid = new Grid().AddColumn(new GridColumn().NoWrap().PadRight(2)).AddColumn(new GridColumn().NoWrap().RightAligned().PadRight(2)).AddColumn(new GridColumn().NoWrap());
        foreach (var row in _phases.Rows)
        {
            var (glyph, colour) = LiveText.Glyph(row.State);
            var seconds = row.EnteredAt is { } entered ? LiveText.Duration((row.LeftAt ?? clock.GetUtcNow()) - entered) : "";
            grid.AddRow(new Markup($"[{colour}]{glyph} {Markup.Escape(row.Name)}[/]"), new Markup(seconds), new Text(row.Note) { Overflow = Overflow.Ellipsis });
        }

        return grid;
    }

    private Grid EntryGrid()
    {
        var grid = new Grid().AddColumn(new GridColumn().NoWrap().PadRight(2)).AddColumn(new GridColumn().NoWrap().PadRight(2)).AddColumn(new GridColumn().NoWrap());
        foreach (var entry in _entries.TakeLast(ShownEntries))
        {
            grid.AddRow(new Markup($"[grey]{entry.At.ToLocalTime():HH:mm:ss}[/]"), new Markup($"[grey]{Markup.Escape(entry.Kind)}[/]"), new Text(entry.Message) { Overflow = Overflow.Ellipsis });
        }

        return grid;
    }
}
