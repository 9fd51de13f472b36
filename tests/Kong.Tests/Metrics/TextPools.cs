using System.Text;
using KongUpgradeMesh.Kong.Metrics;

namespace KongUpgradeMesh.Kong.Tests.Metrics;

public sealed class TextPools
{
    [Fact]
    public void The_same_bytes_are_the_same_text()
    {
        var pool = new TextPool(10);
        Assert.Same(pool.TextOf("orders-service"u8), pool.TextOf("orders-service"u8));
        Assert.Equal("a\"b", pool.TextOf("a\\\"b"u8));
        Assert.Same("", pool.TextOf(default));
    }

    [Fact]
    public void Names_without_end_do_not_fill_the_memory()
    {
        var pool = new TextPool(100);
        for (var i = 0; i < 10_000; i++)
        {
            Assert.Equal($"route-{i}", pool.TextOf(Encoding.UTF8.GetBytes($"route-{i}")));
            Assert.InRange(pool.Count, 0, 100);
        }

        pool.TextOf(Encoding.UTF8.GetBytes(new string('a', 1000)));
        Assert.InRange(pool.Count, 0, 100);
    }
}
