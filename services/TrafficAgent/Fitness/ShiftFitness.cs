using KongUpgradeMesh.Contracts;
using KongUpgradeMesh.Contracts.Specs;
using KongUpgradeMesh.TrafficAgent.Splits;

namespace KongUpgradeMesh.TrafficAgent.Fitness;

/// <summary>Lets traffic be moved only while every node of both clusters is fit: X must be able to take all of it back at any moment.</summary>
public sealed class ShiftFitness(FitnessProbe probe)
{
    private const string Consequence = "the split stays as it is";
    private static readonly TimeSpan Bound = TimeSpan.FromSeconds(3);

    /// <summary>Asks every node; cluster Y's only when it is to get traffic.</summary>
    /// <exception cref="StepFailedException"><see cref="FailureCodes.ClusterUnfit"/> with what is wrong.</exception>
    public async Task RequireAsync(UpgradeSpec spec, TrafficSplit split, CancellationToken cancellationToken)
    {
        var askingX = probe.ProbeFullyAsync(spec.From.Nodes, Bound, cancellationToken);
        if (split.WeightY > 0)
        {
            var y = await probe.ProbeFullyAsync(spec.To.Nodes, Bound, cancellationToken);
            if (!y.IsWhole)
            {
                throw TrafficFailures.Unfit(ClusterSide.Y, y.Problems, Consequence);
            }
        }

        var x = await askingX;
        if (!x.IsWhole)
        {
            throw TrafficFailures.Unfit(ClusterSide.X, x.Problems, Consequence);
        }
    }
}
