namespace KongUpgradeMesh.TestKit;

/// <summary>Waits for a condition with a deadline; a failure says what was awaited and what was last seen.</summary>
public static class Eventually
{
    /// <summary>Polls <paramref name="probe"/> until <paramref name="accept"/> takes its value.</summary>
    public static async Task<T> ReachesAsync<T>(string what, Func<Task<T>> probe, Func<T, bool> accept, TimeSpan? deadline = null, CancellationToken cancellationToken = default)
    {
        var limit = deadline ?? TimeSpan.FromSeconds(30);
        var start = TimeProvider.System.GetTimestamp();
        while (true)
        {
            var seen = await probe();
            if (accept(seen))
            {
                return seen;
            }

            if (TimeProvider.System.GetElapsedTime(start) > limit)
            {
                throw new TimeoutException($"{what}: not seen within {limit}; last seen: {seen}");
            }

            await Task.Delay(TimeSpan.FromMilliseconds(50), TimeProvider.System, cancellationToken);
        }
    }

    /// <summary>Polls <paramref name="condition"/> until it holds.</summary>
    public static Task HoldsAsync(string what, Func<Task<bool>> condition, TimeSpan? deadline = null, CancellationToken cancellationToken = default) =>
        ReachesAsync(what, condition, static held => held, deadline, cancellationToken);
}
