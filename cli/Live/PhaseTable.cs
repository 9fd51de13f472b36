using KongUpgradeMesh.Contracts.Api;

namespace KongUpgradeMesh.Cli.Live;

/// <summary>Works out from the timeline where each phase of the procedure stands.</summary>
public sealed class PhaseTable
{
    private static readonly string[] Procedure =
        ["Preflight", "Freeze", "Backup", "Assess", "Deploy", "Stage", "Shift", "Soak", "Decommission", "Unfreeze", "AfterWatch"];

    private readonly List<PhaseRow> _rows = [.. Procedure.Select(static name => new PhaseRow(name))];
    private PhaseRow? _current;

    /// <summary>The phases in the order of the procedure, then any others in the order of their coming.</summary>
    public IReadOnlyList<PhaseRow> Rows => _rows;

    /// <summary>Takes the next entry of the timeline into account.</summary>
    public void Add(TimelineEntry entry)
    {
        switch (entry.Kind)
        {
            case "started":
                // Also after a retry: the procedure begins anew.
                _rows.Clear();
                _rows.AddRange(Procedure.Select(static name => new PhaseRow(name)));
                _current = null;
                break;
            case "phase-entered":
                Enter(entry.Phase, entry.At);
                break;
            case "rollback-started":
                Leave(entry.At, PhaseState.Failed);
                Enter("RollingBack", entry.At);
                Note(entry);
                break;
            case "gate-waiting" or "paused":
                Enter(entry.Phase, _current?.Name == entry.Phase ? _current.EnteredAt ?? entry.At : entry.At);
                Mark(PhaseState.Waiting);
                Note(entry);
                break;
            case "gate-decided" or "resumed":
                Mark(PhaseState.Running);
                Note(entry);
                break;
            case "ended":
                break;
            case "step-completed" or "step-failed" or "traffic-shifted" or "traffic-drilled" or "traffic-incident" or "verdict" or "alert" or "tainted" or "step-silent":
                Note(entry);
                break;
            default:
                break;
        }
    }

    /// <summary>Closes the running phase when the upgrade has ended.</summary>
    public void Show(UpgradeView upgrade)
    {
        if (upgrade.EndedAt is { } ended && _current is { LeftAt: null })
        {
            var isGood = upgrade.Outcome == UpgradeOutcome.Completed || (upgrade.Outcome == UpgradeOutcome.RolledBack && _current.Name == "RollingBack");
            Leave(ended, isGood ? PhaseState.Done : PhaseState.Failed);
        }
    }

    private void Enter(string name, DateTimeOffset at)
    {
        if (_current?.Name == name && _current.LeftAt is null)
        {
            return;
        }

        Leave(at, PhaseState.Done);
        _current = _rows.Find(row => row.Name == name);
        if (_current is null)
        {
            _current = new PhaseRow(name);
            var last = _rows.FindLastIndex(static row => row.State != PhaseState.Pending);
            _rows.Insert(last + 1, _current);
        }

        _current.State = PhaseState.Running;
        _current.EnteredAt = at;
        _current.LeftAt = null;
    }

    private void Leave(DateTimeOffset at, PhaseState state)
    {
        if (_current is { LeftAt: null })
        {
            _current.State = state;
            _current.LeftAt = at;
        }
    }

    private void Mark(PhaseState state)
    {
        if (_current is { LeftAt: null })
        {
            _current.State = state;
        }
    }

    private void Note(TimelineEntry entry)
    {
        if (_current is not null)
        {
            _current.Note = entry.Message;
        }
    }
}
