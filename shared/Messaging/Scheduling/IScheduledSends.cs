namespace KongUpgradeMesh.Messaging.Scheduling;

/// <summary>The timers of the transaction being consumed; a payload of its context.</summary>
internal interface IScheduledSends
{
    /// <summary>Removes a timer when the transaction commits; one that is on its way already stays.</summary>
    void Cancel(Guid schedulingToken);
}
