using KongUpgradeMesh.Contracts;

namespace KongUpgradeMesh.TrafficAgent.Splits;

/// <summary>Decides by what the balancer holds whether a record may replace it; the same for every driver.</summary>
internal static class RecordGuard
{
    /// <summary>Lets a shift through only over nothing, over our own older or equal record, or over a foreign one that has all traffic on X.</summary>
    /// <exception cref="StepFailedException"><see cref="FailureCodes.StepSuperseded"/> or <see cref="FailureCodes.SplitForeign"/>.</exception>
    public static void AdmitShift(ObservedTraffic seen, TrafficRecord wanted, bool overForeign)
    {
        AdmitRestore(seen, wanted);
        if (overForeign && (seen.Tampered || !seen.IsOf(wanted.UpgradeId)))
        {
            return;
        }

        if (seen.IsOf(wanted.UpgradeId))
        {
            if (seen.Tampered)
            {
                throw TrafficFailures.Foreign(seen);
            }

            if (wanted.IsOlderThan(seen.Record!) || (!seen.Record!.IsOlderThan(wanted) && seen.Split != wanted.Split))
            {
                throw TrafficFailures.Superseded(seen, wanted);
            }
        }
        else if (seen.Split.WeightY > 0)
        {
            throw TrafficFailures.Foreign(seen);
        }
    }

    /// <summary>Lets a restore through over everything but a later epoch of the same upgrade, and the same epoch once its traffic is committed to Y.</summary>
    /// <exception cref="StepFailedException"><see cref="FailureCodes.StepSuperseded"/>.</exception>
    public static void AdmitRestore(ObservedTraffic seen, TrafficRecord wanted)
    {
        // Also where the split beside the note was changed by hand: the note says that X may be gone.
        if (seen.IsOf(wanted.UpgradeId) && seen.Record!.IsCommitted && wanted.Epoch <= seen.Record.Epoch && !wanted.IsCommitted)
        {
            throw TrafficFailures.Committed(seen, wanted);
        }

        if (seen.IsOf(wanted.UpgradeId) && !seen.Tampered && wanted.Epoch < seen.Record!.Epoch)
        {
            throw TrafficFailures.Superseded(seen, wanted);
        }
    }
}
