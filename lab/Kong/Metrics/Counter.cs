namespace KongUpgradeMesh.Lab.StandInKong.Metrics;

/// <summary>A number that only rises.</summary>
internal sealed class Counter
{
    private long _value;

    public long Value => Interlocked.Read(ref _value);

    public void Add(long amount) => Interlocked.Add(ref _value, amount);
}
