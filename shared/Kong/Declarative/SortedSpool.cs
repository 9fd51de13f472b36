using System.Text;
using System.Text.Json;

namespace KongUpgradeMesh.Kong.Declarative;

/// <summary>Keeps any number of entities on disk and gives them back ordered by a key, in constant memory: sorted runs in private files, merged when read.</summary>
/// <param name="directory">A private directory; the files there are removed on disposal.</param>
/// <param name="runBytes">How much is sorted in memory at a time.</param>
internal sealed class SortedSpool(string directory, int runBytes = 4 * 1024 * 1024) : IAsyncDisposable
{
    private readonly List<(string Key, string Json)> _run = [];
    private readonly List<string> _files = [];
    private long _held;

    public async Task AddAsync(string key, JsonElement entity, CancellationToken cancellationToken)
    {
        var json = JsonSerializer.Serialize(entity);
        _run.Add((key, json));
        _held += (key.Length + json.Length) * sizeof(char);
        if (_held >= runBytes)
        {
            await SpillAsync(cancellationToken);
        }
    }

    /// <summary>Everything that was added, ordered by key; entities of one key stay in the order of adding.</summary>
    public async IAsyncEnumerable<(string Key, JsonElement Entity)> ReadAsync([System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellationToken)
    {
        if (_run.Count > 0)
        {
            await SpillAsync(cancellationToken);
        }

        var readers = _files.ConvertAll(static f => new StreamReader(f, Encoding.UTF8));
        try
        {
            // Runs are ordered among themselves by age, which the index keeps for equal keys.
            var heads = new PriorityQueue<string, (string Key, int Run)>(Comparer<(string Key, int Run)>.Create(static (a, b) =>
                string.CompareOrdinal(a.Key, b.Key) is var order and not 0 ? order : a.Run.CompareTo(b.Run)));
            for (var run = 0; run < readers.Count; run++)
            {
                await AdvanceAsync(readers[run], run, heads, cancellationToken);
            }

            while (heads.TryDequeue(out var json, out var head))
            {
                yield return (head.Key, JsonElement.Parse(json));
                await AdvanceAsync(readers[head.Run], head.Run, heads, cancellationToken);
            }
        }
        finally
        {
            readers.ForEach(static r => r.Dispose());
        }
    }

    public ValueTask DisposeAsync()
    {
        _files.ForEach(File.Delete);
        return ValueTask.CompletedTask;
    }

    private static async Task AdvanceAsync(StreamReader reader, int run, PriorityQueue<string, (string Key, int Run)> heads, CancellationToken cancellationToken)
    {
        // JSON on one line holds neither tab nor line break outside escapes.
        if (await reader.ReadLineAsync(cancellationToken) is { } line)
        {
            var tab = line.IndexOf('\t', StringComparison.Ordinal);
            heads.Enqueue(line[(tab + 1)..], (line[..tab], run));
        }
    }

    private async Task SpillAsync(CancellationToken cancellationToken)
    {
        var path = Path.Combine(directory, $"spool-{Guid.NewGuid():N}");
        _files.Add(path);
        await using var writer = new StreamWriter(Backups.PrivateFiles.Create(path));
        foreach (var (key, json) in _run.OrderBy(static e => e.Key, StringComparer.Ordinal))
        {
            await writer.WriteAsync($"{key}\t{json}\n".AsMemory(), cancellationToken);
        }

        _run.Clear();
        _held = 0;
    }
}
