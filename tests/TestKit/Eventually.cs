namespace KongUpgradeMesh.TestKit;

/// <summary>Waits for a condition with a deadline; a failure says what was awaited and what was last seen.</summary>
public static class Eventually
{
    // What only has to happen may take its time: another test's servers, or a stall of the machine, are no failure.
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);

    /// <summary>Polls <paramref name="probe"/> until <paramref name="accept"/> takes its value.</summary>
    public static async Task<T> ReachesAsync<T>(string what, Func<Task<T>> probe, Func<T, bool> accept, TimeSpan? deadline = null, CancellationToken cancellationToken = default)
    {
        var limit = deadline ?? Patience;
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
