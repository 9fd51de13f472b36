namespace KongUpgradeMesh.Messaging.Tests.Orders;

/// <summary>Opens an order, or counts one more opening; the switches make the first attempt fail.</summary>
public record OpenOrder
{
    public required Guid OrderId { get; init; }

    public bool FailOnFirstAttempt { get; init; }

    public TimeSpan? RemindAfter { get; init; }
}

public record TouchOrder
{
    public required Guid OrderId { get; init; }
}

public record CalmOrder
{
    public required Guid OrderId { get; init; }
}

public record CloseOrder
{
    public required Guid OrderId { get; init; }
}

public record AskOrder
{
    public required Guid OrderId { get; init; }
}

public record OrderAnswer
{
    public required int Touches { get; init; }
}

public record ReminderDue
{
    public required Guid OrderId { get; init; }
}

public record ShipOrder
{
    public required Guid OrderId { get; init; }

    public int Number { get; init; }
}

public interface IOrderEvent
{
    Guid OrderId { get; }

    int Number { get; }
}

public record OrderTouched : IOrderEvent
{
    public required Guid OrderId { get; init; }

    public int Number { get; init; }
}
