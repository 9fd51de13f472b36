using MassTransit;
using Npgsql;

namespace KongUpgradeMesh.Messaging.Tests.Orders;

public sealed class OrderStateMachine : MassTransitStateMachine<OrderState>
{
    public OrderStateMachine()
    {
        InstanceState(x => x.CurrentState);
        Event(() => Open, x => x.CorrelateById(c => c.Message.OrderId));
        Event(() => Touch, x => x.CorrelateById(c => c.Message.OrderId));
        Event(() => Calm, x => x.CorrelateById(c => c.Message.OrderId));
        Event(() => Close, x => x.CorrelateById(c => c.Message.OrderId));
        Event(() => Ask, x =>
        {
            x.CorrelateById(c => c.Message.OrderId);
            x.ReadOnly = true;
        });
        Schedule(() => Reminder, x => x.ReminderToken, s =>
        {
            s.Delay = TimeSpan.FromHours(1);
            s.Received = r => r.CorrelateById(c => c.Message.OrderId);
        });

        Initially(
            When(Open)
                .Then(c =>
                {
                    c.Saga.Mood = Mood.Hurried;
                    c.Saga.Note = "cut\0off";
                    c.Saga.Touches = 1;
                })
                .ThenAsync(c => OwnRows.AddAsync(c, c.CancellationToken))
                .Send(c => Ship(c), c => new ShipOrder { OrderId = c.Message.OrderId, Number = 1 })
                .If(c => c.Message.RemindAfter is not null, x => x.Schedule(Reminder, c => new ReminderDue { OrderId = c.Saga.CorrelationId }, c => c.Message.RemindAfter!.Value))
                .Then(c => FailFirst(c))
                .TransitionTo(Opened));

        During(
            Opened,
            When(Open).Then(c => c.Saga.Touches++),
            When(Touch).Then(c => c.Saga.Touches++).Publish(c => new OrderTouched { OrderId = c.Saga.CorrelationId, Number = c.Saga.Touches }),
            When(Calm).Unschedule(Reminder),
            When(Reminder.Received).Then(c => c.Saga.Reminders++),
            When(Ask).Respond(c => new OrderAnswer { Touches = c.Saga.Touches }),
            When(Close).Finalize());

        SetCompletedWhenFinalized();
    }

    public State Opened { get; private set; } = null!;

    public Event<OpenOrder> Open { get; private set; } = null!;

    public Event<TouchOrder> Touch { get; private set; } = null!;

    public Event<CalmOrder> Calm { get; private set; } = null!;

    public Event<CloseOrder> Close { get; private set; } = null!;

    public Event<AskOrder> Ask { get; private set; } = null!;

    public Schedule<OrderState, ReminderDue> Reminder { get; private set; } = null!;

    private static Uri Ship(BehaviorContext<OrderState, OpenOrder> context) => new($"queue:{context.GetServiceOrCreateInstance<OrderQueues>().Ship}");

    private static void FailFirst(BehaviorContext<OrderState, OpenOrder> context)
    {
        if (context.Message.FailOnFirstAttempt && context.GetRetryAttempt() == 0)
        {
            throw new NpgsqlException("first attempt");
        }
    }
}
