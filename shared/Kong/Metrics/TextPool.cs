using System.Collections.Concurrent;

namespace KongUpgradeMesh.Kong.Metrics;

/// <summary>The texts of labels, each decoded once: all nodes of a cluster say the same names, second after second. Bounded, and safe for several threads.</summary>
/// <param name="mostTexts">How many are kept; with one more, all are forgotten and kept anew.</param>
internal sealed class TextPool(int mostTexts)
{
    // What is longer is rare, and a hostile node's.
    private const int LongestText = 256;

    private readonly ConcurrentDictionary<byte[], string> _texts = new(BytesComparer.Instance);
    private int _count;

    /// <summary>How many are kept.</summary>
    public int Count => _texts.Count;

    /// <summary>The text of a label's value.</summary>
    /// <param name="value">As it was sent.</param>
    public string TextOf(ReadOnlySpan<byte> value)
    {
        if (value.IsEmpty)
        {
            return "";
        }

        if (_texts.GetAlternateLookup<ReadOnlySpan<byte>>().TryGetValue(value, out var text))
        {
            return text;
        }

        text = MetricLine.Decode(value);
        if (value.Length <= LongestText)
        {
            Keep(value.ToArray(), text);
        }

        return text;
    }

    private void Keep(byte[] value, string text)
    {
        if (!_texts.TryAdd(value, text) || Interlocked.Increment(ref _count) <= mostTexts)
        {
            return;
        }

        _texts.Clear();
        Interlocked.Exchange(ref _count, 0);
    }
}
