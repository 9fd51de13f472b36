namespace KongUpgradeMesh.Kong.Metrics;

/// <summary>One line of the Prometheus text format.</summary>
/// <param name="Name">The metric's name.</param>
/// <param name="Labels">Its labels in the order sent, escapes resolved.</param>
/// <param name="Value">Its value; may be NaN or infinite.</param>
public sealed record MetricPoint(string Name, IReadOnlyList<KeyValuePair<string, string>> Labels, double Value)
{
    /// <summary>The value of a label; empty when it is not there, as Prometheus defines it.</summary>
    /// <param name="name">The label's name.</param>
    public string Label(string name)
    {
        foreach (var label in Labels)
        {
            if (label.Key == name)
            {
                return label.Value;
            }
        }

        return "";
    }
}
