using System.Text;

namespace KongUpgradeMesh.Lab.StandInKong.Metrics;

/// <summary>Writes the text format of Prometheus.</summary>
internal sealed class PrometheusWriter
{
    private readonly StringBuilder _text = new();

    public void Describe(string name, string type, string help) =>
        _text.Append("# HELP ").Append(name).Append(' ').Append(help).Append("\n# TYPE ").Append(name).Append(' ').Append(type).Append('\n');

    public void Sample(string name, double value, params (string Name, string Value)[] labels)
    {
        _text.Append(name);
        if (labels.Length > 0)
        {
            _text.Append('{');
            for (var i = 0; i < labels.Length; i++)
            {
                _text.Append(i == 0 ? "" : ",").Append(labels[i].Name).Append("=\"").Append(labels[i].Value.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal)).Append('"');
            }

            _text.Append('}');
        }

        _text.Append(' ').Append(value).Append('\n');
    }

    /// <summary>The buckets of one histogram; empty leading buckets are left out, as Kong leaves them out.</summary>
    public void Buckets(string name, LatencyHistogram histogram, params (string Name, string Value)[] labels)
    {
        var counts = histogram.Cumulative();
        if (counts[^1] == 0)
        {
            return;
        }

        for (var i = 0; i < counts.Length; i++)
        {
            if (counts[i] > 0)
            {
                Sample(name + "_bucket", counts[i], [.. labels, ("le", i < histogram.Bounds.Count ? histogram.Bounds[i].ToString() : "+Inf")]);
            }
        }
    }

    public override string ToString() => _text.ToString();
}
