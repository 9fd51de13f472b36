using KongUpgradeMesh.Contracts;
using KongUpgradeMesh.TrafficAgent.Splits;

namespace KongUpgradeMesh.TrafficAgent.Drivers.Dns;

/// <summary>Lowers the time to live one old time to live ahead of the first shift, and puts it back at the end.</summary>
/// <remarks>The note outlives the agent: a restarted one waits for the rest only. Where it is not known since when every server publishes the low one, the wait begins anew.</remarks>
internal sealed class TtlLowering(DnsName published, ITtlBalancer balancer, TtlNotes notes, TimeProvider clock)
{
    /// <summary>Lowers it where it is longer than the settings say.</summary>
    /// <param name="upgradeId">The upgrade that needs it low.</param>
    /// <param name="epoch">Its epoch.</param>
    /// <param name="patience">How long may be waited for the old one to pass.</param>
    /// <param name="cancellationToken">Cancels it; what was lowered stays noted.</param>
    /// <returns>From when on no resolver holds an answer with the old one; null when that is so.</returns>
    /// <exception cref="StepFailedException"><see cref="FailureCodes.DriverCannot"/> when the old one is too long to be waited for; nothing was changed then.</exception>
    public async Task<DateTimeOffset?> LowerAsync(Guid upgradeId, int epoch, TimeSpan patience, CancellationToken cancellationToken)
    {
        var (now, found) = (await balancer.ReadTtlAsync(cancellationToken), notes.Find(published));
        if (now <= published.Ttl && found is null)
        {
            return null; // Lowered by hand, or never long; whoever did it has waited.
        }

        var note = now > published.Ttl
            ? new LoweredTtl { UpgradeId = upgradeId, Epoch = epoch, Original = now }
            : found! with { UpgradeId = upgradeId, Epoch = epoch };
        if (note.Since is null && note.Original > patience)
        {
            throw TrafficFailures.Cannot(
            [
                $"The addresses of {published.Name} may be kept for {note.Original}, and this step waits for {patience} at most: lower their time to live to {published.Ttl.TotalSeconds:0} s by hand, wait for the old {note.Original}, then: kum retry. Or raise the coordinator's Upgrades:LongStep.",
            ]);
        }

        notes.Write(published, note);
        if (now > published.Ttl)
        {
            await balancer.WriteTtlAsync(published.Ttl, cancellationToken);
        }

        if (note.Since is null)
        {
            await balancer.AwaitTtlAsync(published.Ttl, cancellationToken);
            note = note with { Since = clock.GetUtcNow() };
            notes.Write(published, note);
        }

        var ready = note.Since!.Value + note.Original;
        return ready > clock.GetUtcNow() ? ready : null;
    }

    /// <summary>Puts back what was found, unless another upgrade or a later epoch needs it low.</summary>
    public async Task PutBackAsync(Guid upgradeId, int epoch, CancellationToken cancellationToken)
    {
        if (notes.Find(published) is not { } note || note.UpgradeId != upgradeId || note.Epoch > epoch || await balancer.IsOthersAsync(upgradeId, cancellationToken))
        {
            return;
        }

        // Longer already: somebody has raised it to what they want.
        if (await balancer.ReadTtlAsync(cancellationToken) <= published.Ttl)
        {
            await balancer.WriteTtlAsync(note.Original, cancellationToken);
        }

        notes.Remove(published);
    }
}
