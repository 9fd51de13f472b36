using MassTransit;

namespace KongUpgradeMesh.Messaging.Tests.Orders;

public enum Mood
{
    Calm,
    Hurried,
}

public sealed class OrderState : SagaStateMachineInstance, ISagaVersion
{
    public Guid CorrelationId { get; set; }

    public string CurrentState { get; set; } = "";

    public int Version { get; set; }

    public int Touches { get; set; }

    public int Reminders { get; set; }

    public Mood Mood { get; set; }

    public string Note { get; set; } = "";

    public Guid? ReminderToken { get; set; }
}
