namespace KongUpgradeMesh.Benchmarks;

/// <summary>How long something took and what it returned.</summary>
internal readonly record struct Timed<T>(T Result, TimeSpan Time)
{
    public double Seconds => Time.TotalSeconds;
}

/// <summary>Measures by the monotonic clock.</summary>
internal static class Timed
{
    public static async Task<Timed<T>> RunAsync<T>(Func<Task<T>> work)
    {
        var start = TimeProvider.System.GetTimestamp();
        var result = await work();
        return new Timed<T>(result, TimeProvider.System.GetElapsedTime(start));
    }
}
