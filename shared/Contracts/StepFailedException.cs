namespace KongUpgradeMesh.Contracts;

/// <summary>Thrown by agent code to end a step with a typed <see cref="Failure"/> instead of an event.</summary>
public sealed class StepFailedException : Exception
{
    /// <summary>Ends the step with <paramref name="failure"/>.</summary>
    /// <param name="failure">What is reported to the coordinator.</param>
    /// <param name="inner">The cause, for the log only; it never crosses the bus.</param>
    public StepFailedException(Failure failure, Exception? inner = null)
        : base($"{failure.Code}: {failure.Message}", inner) => Failure = failure;

    /// <summary>What is reported to the coordinator.</summary>
    public Failure Failure { get; }
}
