using KongUpgradeMesh.Contracts;
using KongUpgradeMesh.Contracts.Deployment;
using KongUpgradeMesh.Contracts.Specs;
using KongUpgradeMesh.DeployAgent.Databases;
using KongUpgradeMesh.Kong.Databases;
using Npgsql;

namespace KongUpgradeMesh.DeployAgent.Carrying;

/// <summary>Carries table after table, each on its own, within one limit of time.</summary>
internal sealed class RuntimeStateCarry(ClusterDatabases databases, TimeSpan limit, TimeProvider clock)
{
    private const int Tries = 3;
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(1);

    private readonly List<CarriedTable> _tables = [];
    private readonly List<Failure> _findings = [];

    public IReadOnlyList<CarriedTable> Tables => _tables;

    public IReadOnlyList<Failure> Findings => _findings;

    /// <exception cref="StepFailedException">With <see cref="FailureCodes.SameDatabase"/>; everything else is a finding.</exception>
    public async Task RunAsync(RuntimeStateSpec spec, CancellationToken cancellationToken)
    {
        using var time = new CancellationTokenSource(limit, clock);
        using var both = CancellationTokenSource.CreateLinkedTokenSource(time.Token, cancellationToken);
        try
        {
            foreach (var table in await TablesAsync(spec, both.Token))
            {
                await CarryAsync(table, both.Token);
            }
        }
        catch (StepFailedException exception) when (exception.Failure.Code != FailureCodes.SameDatabase)
        {
            _findings.Add(exception.Failure);
        }
        catch (OperationCanceledException) when (time.IsCancellationRequested && !cancellationToken.IsCancellationRequested)
        {
            _findings.Add(CarryFailures.OutOfTime(limit).Failure);
        }
    }

    // Counters come last: the younger they are when clients move, the better.
    private async Task<List<string>> TablesAsync(RuntimeStateSpec spec, CancellationToken cancellationToken)
    {
        string[] asked = [.. spec.CarryTokens ? [TokenCarry.Table] : Array.Empty<string>(), .. spec.CarryCounters ? CounterTable.All.Select(static t => t.Name) : []];
        return await RepeatAsync(async session =>
        {
            var x = await CarrySchema.TablesAsync(session.X, databases.X.Schema, cancellationToken);
            var y = await CarrySchema.TablesAsync(session.Y, databases.Y.Schema, cancellationToken);
            return asked.Where(t => x.Contains(t) && y.Contains(t)).ToList();
        }, cancellationToken);
    }

    private async Task CarryAsync(string table, CancellationToken cancellationToken)
    {
        var started = clock.GetTimestamp();
        try
        {
            var carried = await RepeatAsync(async session =>
            {
                var marks = await CarrySchema.TablesAsync(session.Y, CarrySchema.Name, cancellationToken);
                return !marks.Contains(table) ? throw CarryFailures.NotMarked(table)
                    : table == TokenCarry.Table ? await new TokenCarry(session).RunAsync(cancellationToken)
                    : await new CounterCarry(session, CounterTable.All.First(t => t.Name == table)).RunAsync(cancellationToken);
            }, cancellationToken);
            _tables.Add(carried with { Took = clock.GetElapsedTime(started) });
        }
        catch (StepFailedException exception) when (exception.Failure.Code != FailureCodes.SameDatabase)
        {
            _findings.Add(exception.Failure with { Message = $"{table} was not carried completely: {exception.Failure.Message}" });
        }
    }

    private async Task<T> RepeatAsync<T>(Func<CarrySession, Task<T>> work, CancellationToken cancellationToken)
    {
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                return await OnceAsync(work, cancellationToken);
            }
            catch (StepFailedException exception) when (exception.Failure.IsTransient && attempt < Tries)
            {
                await Task.Delay(Pause * attempt, clock, cancellationToken);
            }
        }
    }

    private async Task<T> OnceAsync<T>(Func<CarrySession, Task<T>> work, CancellationToken cancellationToken)
    {
        try
        {
            await using var session = await CarrySession.OpenAsync(databases, limit, cancellationToken);
            return await work(session);
        }
        catch (NpgsqlException exception)
        {
            cancellationToken.ThrowIfCancellationRequested();
            throw DatabaseFailures.Of(exception, $"{databases.X} or {databases.Y}");
        }
    }
}
