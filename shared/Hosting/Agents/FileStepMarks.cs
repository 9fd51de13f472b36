using System.Text.Json;
using KongUpgradeMesh.Contracts.Steps;

namespace KongUpgradeMesh.Hosting.Agents;

/// <summary>Keeps the marks in one small file per upgrade, replaced atomically.</summary>
public sealed class FileStepMarks : IStepMarks
{
    private readonly string _directory;
    private readonly Lock _gate = new();
    private readonly Dictionary<Guid, Dictionary<string, LaneMark>> _marks = [];

    /// <summary>Keeps the marks below <paramref name="directory"/>, which is created when missing.</summary>
    public FileStepMarks(string directory)
    {
        _directory = directory;
        Directory.CreateDirectory(directory);
    }

    /// <inheritdoc/>
    public bool TryAdvance(StepRef step)
    {
        lock (_gate)
        {
            var lanes = LanesOf(step.UpgradeId);
            var order = StepOrder.Of(step);
            if (order.Epoch < EpochOf(lanes) || (lanes.TryGetValue(step.Lane, out var newest) && order < newest.Order))
            {
                return false;
            }

            // Seen before: what is known of its end stays known.
            if (newest.Order != order)
            {
                Set(step.UpgradeId, lanes, step.Lane, new LaneMark(order, false));
            }

            return true;
        }
    }

    /// <inheritdoc/>
    public void Raise(Guid upgradeId, string lane, StepOrder order)
    {
        lock (_gate)
        {
            var lanes = LanesOf(upgradeId);
            if (!lanes.TryGetValue(lane, out var newest) || newest.Order < order)
            {
                Set(upgradeId, lanes, lane, new LaneMark(order, false));
            }
        }
    }

    /// <inheritdoc/>
    public void End(StepRef step)
    {
        lock (_gate)
        {
            var lanes = LanesOf(step.UpgradeId);
            if (lanes.TryGetValue(step.Lane, out var newest) && newest.Order == StepOrder.Of(step))
            {
                Set(step.UpgradeId, lanes, step.Lane, newest with { HasEnded = true });
            }
        }
    }

    /// <inheritdoc/>
    public bool HasEnded(StepRef step)
    {
        lock (_gate)
        {
            return LanesOf(step.UpgradeId).TryGetValue(step.Lane, out var newest) && newest == new LaneMark(StepOrder.Of(step), true);
        }
    }

    private static int EpochOf(Dictionary<string, LaneMark> lanes) => lanes.Count == 0 ? 0 : lanes.Values.Max(static m => m.Order.Epoch);

    private void Set(Guid upgradeId, Dictionary<string, LaneMark> lanes, string lane, LaneMark mark)
    {
        var changed = new Dictionary<string, LaneMark>(lanes) { [lane] = mark };
        Write(upgradeId, changed);
        _marks[upgradeId] = changed;
    }

    private Dictionary<string, LaneMark> LanesOf(Guid upgradeId)
    {
        if (_marks.TryGetValue(upgradeId, out var lanes))
        {
            return lanes;
        }

        var path = PathOf(upgradeId);
        lanes = File.Exists(path) ? JsonSerializer.Deserialize<Dictionary<string, LaneMark>>(File.ReadAllBytes(path)) ?? [] : [];
        _marks[upgradeId] = lanes;
        return lanes;
    }

    private void Write(Guid upgradeId, Dictionary<string, LaneMark> lanes)
    {
        var path = PathOf(upgradeId);
        using (var file = new FileStream(path + ".new", FileMode.Create, FileAccess.Write))
        {
            JsonSerializer.Serialize(file, lanes);
            file.Flush(flushToDisk: true);
        }

        File.Move(path + ".new", path, overwrite: true);
    }

    private string PathOf(Guid upgradeId) => Path.Combine(_directory, $"{upgradeId:N}.mark.json");
}
