using KongUpgradeMesh.Contracts;

namespace KongUpgradeMesh.TrafficAgent.Splits;

/// <summary>The failures of moving traffic, worded once.</summary>
internal static class TrafficFailures
{
    public static StepFailedException Superseded(ObservedTraffic seen, TrafficRecord wanted) => new(new Failure
    {
        Code = FailureCodes.StepSuperseded,
        Message = $"Epoch {wanted.Epoch}, step {wanted.Step} is older than what the load balancer holds ({seen}).",
        Remedy = "Nothing was changed. If the coordinator's database was restored from a backup: kum rollback, then kum retry.",
    });

    public static StepFailedException Committed(ObservedTraffic seen, TrafficRecord wanted) => new(new Failure
    {
        Code = FailureCodes.StepSuperseded,
        Message = $"Epoch {wanted.Epoch} of upgrade {wanted.UpgradeId} is committed to cluster Y ({seen}): cluster X may be gone.",
        Remedy = "Nothing was changed. If cluster X serves and must take the traffic: kum rollback while the upgrade allows it, or on the agent's host: kum-traffic restore --force.",
    });

    public static StepFailedException NotCommittable(ObservedTraffic seen) => new(new Failure
    {
        Code = FailureCodes.SplitNotInForce,
        Message = $"Cluster X must not be removed: the load balancer does not hold this upgrade's last step with all traffic on Y, but {seen}.",
        Remedy = "Find out who changed the split (kum timeline says what the agents did); then: kum rollback.",
    });

    public static StepFailedException Stopped(int epoch, string who) => new(new Failure
    {
        Code = FailureCodes.StepSuperseded,
        Message = $"All traffic was put back on cluster X in epoch {epoch} ({who}); no shift of that epoch is carried out any more.",
        Remedy = "Nothing was changed. When cluster Y is well again: kum rollback, then kum retry; that begins a new epoch.",
    });

    public static StepFailedException Foreign(ObservedTraffic seen, bool mayRetry = false) => new(new Failure
    {
        Code = FailureCodes.SplitForeign,
        Message = $"The load balancer carries a split that this upgrade did not set: {seen}.",
        Remedy = "Find out who changes the split and stop it. To go on: set Y to 0 in the balancer by hand when cluster X is the current one, then: kum retry.",
        IsTransient = mayRetry,
    });

    public static StepFailedException Unreachable(string what, string why, Exception? inner = null) => new(
        new Failure
        {
            Code = FailureCodes.BalancerUnreachable,
            Message = $"{what} does not answer: {why}.",
            Remedy = "Check that the load balancer runs and that the agent's user may reach its control interface; the split in force is unchanged as long as nobody else changes it.",
            IsTransient = true,
        },
        inner);

    public static StepFailedException Refused(string what, string answer, Exception? inner = null) => new(
        new Failure
        {
            Code = FailureCodes.BalancerRefused,
            Message = $"{what} refused or answered what is not understood.",
            Remedy = "Compare the driver's settings and its page in docs/traffic with the load balancer's configuration.",
            Details = [answer.Length <= 300 ? answer : answer[..300]],
        },
        inner);

    public static StepFailedException NotKept(string message, Exception inner) => new(
        new Failure
        {
            Code = FailureCodes.BalancerRefused,
            Message = message,
            Remedy = "Make the agent's state directory writable and look for a full disk; then: kum retry.",
            IsTransient = true,
        },
        inner);

    public static StepFailedException NotInForce(TrafficSplit wanted, string seen) => new(new Failure
    {
        Code = FailureCodes.SplitNotInForce,
        Message = $"{wanted.WeightY} % on Y was written, but is not what is served: {seen}.",
        Remedy = "Check that the frontend decides by the split that the agent writes (the driver's page in docs/traffic shows how), and that nobody else writes it.",
        IsTransient = true,
    });

    public static StepFailedException NotDurable(string path, Exception inner) => new(
        new Failure
        {
            Code = FailureCodes.BalancerRefused,
            Message = $"The split is in force, but {path} could not be written, so a restart of the load balancer would undo it.",
            Remedy = $"Make the directory of {path} writable for the agent's user and look for a full disk; then: kum retry.",
            IsTransient = true,
        },
        inner);

    public static StepFailedException Cannot(IReadOnlyList<string> problems) => new(new Failure
    {
        Code = FailureCodes.DriverCannot,
        Message = "The traffic driver cannot do what the spec asks.",
        Remedy = "Correct the spec or the load balancer as the details say.",
        Details = problems,
    });

    public static StepFailedException SettingsInvalid(IReadOnlyList<string> problems) => new(new Failure
    {
        Code = FailureCodes.SpecInvalid,
        Message = "The settings of the traffic driver are wrong.",
        Remedy = "Correct each listed setting; the driver's page in docs/traffic says what they mean.",
        Details = problems,
    });

    public static StepFailedException Unfit(ClusterSide side, IReadOnlyList<string> problems, string consequence) => new(new Failure
    {
        Code = FailureCodes.ClusterUnfit,
        Message = $"Cluster {side} is not fit to take traffic; {consequence}.",
        Remedy = $"Bring the nodes of cluster {side} back, or move traffic by hand if you know better; then: kum rollback or kum retry.",
        IsTransient = true,
        Details = problems,
    });
}
