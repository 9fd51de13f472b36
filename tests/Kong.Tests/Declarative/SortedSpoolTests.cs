using System.Text.Json;
using KongUpgradeMesh.Kong.Declarative;

namespace KongUpgradeMesh.Tests.Declarative;

public sealed class SortedSpoolTests : IDisposable
{
    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("kum-spool-");

    public void Dispose() => _directory.Delete(recursive: true);

    [Fact]
    public async Task Orders_by_key_over_many_runs_and_keeps_the_order_within_a_key()
    {
        var random = new Random(7);
        var expected = Enumerable.Range(0, 5_000).Select(n => (Key: $"{random.Next(800):x8}", Number: n)).ToArray();
        await using (var spool = new SortedSpool(_directory.FullName, runBytes: 2_000))
        {
            foreach (var (key, number) in expected)
            {
                await spool.AddAsync(key, JsonElement.Parse($$"""{"n":{{number}},"text":"a\tb\nc"}"""), CancellationToken.None);
            }

            var seen = new List<(string, int)>();
            await foreach (var (key, entity) in spool.ReadAsync(CancellationToken.None))
            {
                Assert.Equal("a\tb\nc", entity.GetProperty("text").GetString());
                seen.Add((key, entity.GetProperty("n").GetInt32()));
            }

            Assert.True(_directory.GetFiles().Length > 10, "one run proves no merge");
            Assert.Equal(expected.OrderBy(static e => e.Key, StringComparer.Ordinal).Select(static e => (e.Key, e.Number)), seen);
        }

        Assert.Empty(_directory.GetFiles());
    }
}
