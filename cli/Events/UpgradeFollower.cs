using System.Text.Json;
using KongUpgradeMesh.Cli.Api;
using KongUpgradeMesh.Contracts.Api;

namespace KongUpgradeMesh.Cli.Events;

/// <summary>
/// Follows one upgrade to its end: events as they come, and after every break the state and the missed part of the timeline.
/// Where the stream does not work at all (a proxy that buffers), the same loop polls.
/// </summary>
public sealed class UpgradeFollower(UpgradesClient client, TimeProvider clock)
{
    private static readonly TimeSpan FirstWait = TimeSpan.FromSeconds(0.5);
    private static readonly TimeSpan LongestWait = TimeSpan.FromSeconds(5);

    /// <summary>How long the coordinator may be away before following ends with <see cref="CoordinatorUnreachableException"/>. Default 10 minutes.</summary>
    public TimeSpan Patience { get; init; } = TimeSpan.FromMinutes(10);

    /// <summary>Tells <paramref name="observer"/> everything, from the first entry on, and returns the upgrade as it ended.</summary>
    public async Task<UpgradeView> FollowAsync(Guid upgradeId, IUpgradeObserver observer, CancellationToken cancellationToken)
    {
        using var stream = new UpgradeEventStream(client.Server, clock);
        var wait = FirstWait;
        long? lostAt = null;
        long seen = 0;
        var isFirst = true;
        while (true)
        {
            try
            {
                var upgrade = await client.CallAsync(api => api.GetAsync(upgradeId, cancellationToken), cancellationToken);
                foreach (var entry in await client.TimelineAsync(upgradeId, seen, cancellationToken))
                {
                    seen = Tell(observer, entry, seen);
                }

                if (lostAt is not null)
                {
                    lostAt = null;
                    observer.Connection(lost: null);
                }

                isFirst = false;
                observer.Show(upgrade);
                if (upgrade.EndedAt is not null || upgrade.Outcome is not null)
                {
                    return upgrade;
                }

                await foreach (var told in stream.ReadAsync(upgradeId, seen, cancellationToken))
                {
                    wait = FirstWait;
                    if (told is TimelineEntry entry)
                    {
                        seen = Tell(observer, entry, seen);
                    }
                    else if (told is UpgradeView view)
                    {
                        if (view.EndedAt is not null || view.Outcome is not null)
                        {
                            // Once more round, which also fetches the last entries, and shows the end once.
                            break;
                        }

                        observer.Show(view);
                    }
                }
            }
            catch (CoordinatorUnreachableException lost) when (!isFirst)
            {
                lostAt ??= clock.GetTimestamp();
                if (clock.GetElapsedTime(lostAt.Value) > Patience)
                {
                    throw;
                }

                observer.Connection(lost.Message);
            }
            catch (Exception broken) when (broken is HttpRequestException or IOException or JsonException
                || (broken is OperationCanceledException && !cancellationToken.IsCancellationRequested))
            {
                // The stream broke or fell silent; the next round asks for what was missed and says so if nobody answers.
            }

            await Task.Delay(wait, clock, cancellationToken);
            wait = wait * 2 > LongestWait ? LongestWait : wait * 2;
        }
    }

    private static long Tell(IUpgradeObserver observer, TimelineEntry entry, long seen)
    {
        if (entry.Sequence <= seen)
        {
            return seen;
        }

        observer.Add(entry);
        return entry.Sequence;
    }
}
