using System.Collections.Concurrent;
using KongUpgradeMesh.Contracts;
using KongUpgradeMesh.Contracts.Deployment;
using KongUpgradeMesh.Contracts.Steps;
using KongUpgradeMesh.Hosting.Agents;
using KongUpgradeMesh.TestKit;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;

namespace KongUpgradeMesh.Hosting.Tests.Agents;

public sealed class StepRunnerTests : IDisposable
{
    private readonly string _marks = Directory.CreateTempSubdirectory("kum-marks-").FullName;
    private readonly Published _published = new();
    private readonly Work _work = new();
    private readonly Guid _upgrade = Guid.NewGuid();

    public void Dispose() => Directory.Delete(_marks, recursive: true);

    [Fact]
    public async Task Accepts_before_it_works_and_reports_the_end()
    {
        await using var runner = CreateRunner();
        await runner.AcceptAsync(Command(1, 1, 1), CancellationToken.None);
        await SeesAsync<StagingPassed>();

        Assert.IsType<StepAccepted>(_published.Events.First());
        await Eventually.HoldsAsync("no step runs", () => Task.FromResult(runner.Running.Count == 0));
    }

    [Theory]
    [InlineData(1, 9, 9)]
    [InlineData(2, 1, 9)]
    [InlineData(2, 2, 1)]
    public async Task Refuses_what_is_older_than_the_newest_it_has_seen(int epoch, int sequence, int attempt)
    {
        await using var runner = CreateRunner();
        await runner.AcceptAsync(Command(2, 2, 2), CancellationToken.None);
        await SeesAsync<StagingPassed>();
        await runner.AcceptAsync(Command(epoch, sequence, attempt), CancellationToken.None);

        Assert.Equal(FailureCodes.StepSuperseded, (await SeesAsync<StepFailed>()).Failure.Code);
        Assert.Equal(1, _work.Started);
    }

    [Fact]
    public async Task Remembers_the_newest_epoch_over_a_restart()
    {
        await using (var runner = CreateRunner())
        {
            await runner.AcceptAsync(Command(5, 1, 1), CancellationToken.None);
            await SeesAsync<StagingPassed>();
        }

        await using var restarted = CreateRunner();
        await restarted.AcceptAsync(Command(4, 7, 1), CancellationToken.None);
        Assert.Equal(FailureCodes.StepSuperseded, (await SeesAsync<StepFailed>()).Failure.Code);
    }

    [Fact]
    public async Task Does_a_step_that_is_delivered_twice_once()
    {
        _work.Hold();
        await using var runner = CreateRunner();
        await runner.AcceptAsync(Command(1, 1, 1), CancellationToken.None);
        await runner.AcceptAsync(Command(1, 1, 1), CancellationToken.None);
        _work.Release();
        await SeesAsync<StagingPassed>();

        Assert.Equal(1, _work.Started);
        Assert.Equal(2, _published.Events.OfType<StepAccepted>().Count());
    }

    [Fact]
    public async Task Does_nothing_when_a_step_is_delivered_again_after_its_end_even_after_a_restart()
    {
        await using (var runner = CreateRunner())
        {
            await runner.AcceptAsync(Command(1, 1, 1), CancellationToken.None);
            await SeesAsync<StagingPassed>();
            await Eventually.HoldsAsync("the end is marked", () => Task.FromResult(runner.Running.Count == 0));
            await runner.AcceptAsync(Command(1, 1, 1), CancellationToken.None);
        }

        await using var restarted = CreateRunner();
        await restarted.AcceptAsync(Command(1, 1, 1), CancellationToken.None);
        Assert.Equal(1, _work.Started);

        await restarted.AcceptAsync(Command(1, 1, 2), CancellationToken.None);
        await Eventually.HoldsAsync("a new attempt works", () => Task.FromResult(_work.Started == 2));
    }

    [Fact]
    public async Task Abandons_the_older_attempt_and_waits_for_its_end_before_the_newer_begins()
    {
        _work.Hold();
        await using var runner = CreateRunner();
        await runner.AcceptAsync(Command(1, 1, 1), CancellationToken.None);
        await Eventually.HoldsAsync("the first attempt works", () => Task.FromResult(_work.Started == 1));
        await runner.AcceptAsync(Command(1, 1, 2), CancellationToken.None);
        await Eventually.HoldsAsync("the second attempt works", () => Task.FromResult(_work.Started == 2));

        Assert.Equal(1, _work.Cancelled);
        Assert.Equal(1, _work.MostAtOnce);
        _work.Release();
        Assert.Equal(2, (await SeesAsync<StagingPassed>()).Step.Attempt);
        Assert.Empty(_published.Events.OfType<StepFailed>());
    }

    [Fact]
    public async Task Stops_working_when_the_coordinator_has_moved_on()
    {
        _work.Hold();
        await using var runner = CreateRunner();
        await runner.AcceptAsync(Command(1, 3, 1), CancellationToken.None);
        await Eventually.HoldsAsync("the step works", () => Task.FromResult(_work.Started == 1));
        runner.Revoke(new StepsRevoked { UpgradeId = _upgrade, Lane = StepLanes.Watch, Epoch = 2, Sequence = 1, Attempt = 1 });

        await Eventually.HoldsAsync("the step is cancelled", () => Task.FromResult(_work.Cancelled == 1));
        await Eventually.HoldsAsync("no step runs", () => Task.FromResult(runner.Running.Count == 0));
        Assert.Empty(_published.Events.OfType<StepFailed>());
    }

    [Fact]
    public async Task Reports_a_failure_that_it_knows_with_its_code_and_one_that_it_does_not_as_unexpected()
    {
        await using var runner = CreateRunner();
        _work.Fail(new StepFailedException(new Failure { Code = FailureCodes.StagingFailed, Message = "no", Remedy = "fix" }));
        await runner.AcceptAsync(Command(1, 1, 1), CancellationToken.None);
        Assert.Equal(FailureCodes.StagingFailed, (await SeesAsync<StepFailed>()).Failure.Code);

        _published.Events.Clear();
        _work.Fail(new InvalidOperationException("secret detail"));
        await runner.AcceptAsync(Command(1, 2, 1), CancellationToken.None);
        var failure = (await SeesAsync<StepFailed>()).Failure;
        Assert.Equal(FailureCodes.Unexpected, failure.Code);
        Assert.DoesNotContain("secret detail", failure.Message);
    }

    [Fact]
    public async Task Gives_up_when_the_time_of_the_step_is_over()
    {
        _work.Hold();
        await using var runner = CreateRunner();
        await runner.AcceptAsync(Command(1, 1, 1) with { Timeout = TimeSpan.FromMilliseconds(100) }, CancellationToken.None);
        Assert.Equal(FailureCodes.StepTimedOut, (await SeesAsync<StepFailed>()).Failure.Code);
    }

    [Fact]
    public async Task Takes_a_timeout_longer_than_the_runtime_can_hold()
    {
        await using var runner = CreateRunner();
        await runner.AcceptAsync(Command(1, 1, 1) with { Timeout = TimeSpan.FromDays(400) }, CancellationToken.None);
        await SeesAsync<StagingPassed>();
    }

    [Fact]
    public async Task Refuses_a_command_for_another_datacenter()
    {
        await using var runner = CreateRunner();
        await runner.AcceptAsync(Command(1, 1, 1) with { Datacenter = "us1" }, CancellationToken.None);
        Assert.Equal(FailureCodes.CommandNotPossible, (await SeesAsync<StepFailed>()).Failure.Code);
        Assert.Equal(0, _work.Started);
    }

    private Task<T> SeesAsync<T>()
        where T : class, IStepEvent => Eventually.ReachesAsync(typeof(T).Name, () => Task.FromResult(_published.Events.OfType<T>().FirstOrDefault()), e => e is not null)!;

    private StepRunner CreateRunner()
    {
        var registration = StepRegistration.Of<RunStagingTests, Handler>();
        var services = new ServiceCollection().AddSingleton(_work);
        registration.AddHandler(services);
        return new StepRunner(
            AgentKind.Deploy,
            new AgentOptions { Datacenter = "eu1", Name = "test" },
            new Dictionary<Type, StepRegistration> { [typeof(RunStagingTests)] = registration },
            services.BuildServiceProvider().GetRequiredService<IServiceScopeFactory>(),
            new FileStepMarks(_marks),
            _published,
            TimeProvider.System,
            NullLogger<StepRunner>.Instance);
    }

    private RunStagingTests Command(int epoch, int sequence, int attempt) => new()
    {
        Step = new StepRef { UpgradeId = _upgrade, Cluster = "c", Lane = StepLanes.Main, Name = "run-staging-tests", Epoch = epoch, Sequence = sequence, Attempt = attempt },
        Datacenter = "eu1",
        Timeout = TimeSpan.FromMinutes(1),
        Spec = null!,
    };

    private sealed class Published : IStepPublisher
    {
        public ConcurrentQueue<IStepEvent> Events { get; } = new();

        public Task PublishAsync(IStepEvent stepEvent, CancellationToken cancellationToken)
        {
            Events.Enqueue(stepEvent);
            return Task.CompletedTask;
        }

        public Task TryPublishAsync(IStepEvent stepEvent, CancellationToken cancellationToken) => PublishAsync(stepEvent, cancellationToken);
    }

    private sealed class Work
    {
        private TaskCompletionSource _gate = Open();
        private Exception? _failure;
        private int _started;
        private int _cancelled;
        private int _atOnce;

        public int Started => _started;

        public int Cancelled => _cancelled;

        public int MostAtOnce { get; private set; }

        public void Hold() => _gate = new TaskCompletionSource();

        public void Release() => _gate.TrySetResult();

        public void Fail(Exception failure) => _failure = failure;

        public async Task DoAsync(CancellationToken cancellationToken)
        {
            Interlocked.Increment(ref _started);
            MostAtOnce = Math.Max(MostAtOnce, Interlocked.Increment(ref _atOnce));
            try
            {
                if (_failure is not null)
                {
                    throw _failure;
                }

                await _gate.Task.WaitAsync(cancellationToken);
            }
            catch (OperationCanceledException)
            {
                Interlocked.Increment(ref _cancelled);
                throw;
            }
            finally
            {
                Interlocked.Decrement(ref _atOnce);
            }
        }

        private static TaskCompletionSource Open()
        {
            var open = new TaskCompletionSource();
            open.SetResult();
            return open;
        }
    }

    private sealed class Handler(Work work) : IStepHandler<RunStagingTests>
    {
        public async Task<IStepEvent> RunAsync(StepContext<RunStagingTests> context, CancellationToken cancellationToken)
        {
            await work.DoAsync(cancellationToken);
            return new StagingPassed { Step = context.Step, Agent = context.Agent, Tests = 1, Skipped = [] };
        }
    }
}
