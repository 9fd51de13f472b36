using KongUpgradeMesh.Contracts;
using KongUpgradeMesh.Contracts.Specs;
using KongUpgradeMesh.Hosting.Agents;
using KongUpgradeMesh.Kong.Databases;
using KongUpgradeMesh.Kong.Journal;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace KongUpgradeMesh.BackupAgent.Journaling;

/// <summary>Begins the journal of writes on cluster Y when its fence is lifted, and removes it when its time is over, over restarts of the agent.</summary>
/// <remarks>A journal that cannot be installed at once is tried again until its end. One that is not removed in time does nothing any more: its triggers know their end.</remarks>
public sealed class JournalKeeper : BackgroundService
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(30);

    // What follows an unfreeze must not wait long for it; a pass must not hang on one database.
    private static readonly TimeSpan InstallLimit = TimeSpan.FromSeconds(20);
    private static readonly TimeSpan TendLimit = TimeSpan.FromMinutes(2);
    private static readonly TimeSpan GiveUpAfter = TimeSpan.FromDays(30);

    private readonly JournalFiles _files;
    private readonly TimeProvider _clock;
    private readonly ILogger<JournalKeeper> _logger;

    /// <summary>Keeps its files below the agent's state directory.</summary>
    public JournalKeeper(IOptions<AgentOptions> options, TimeProvider clock, ILogger<JournalKeeper> logger)
    {
        _files = new JournalFiles(Path.Combine(options.Value.StateDirectory, $"backup-{options.Value.Name}", "journals"), logger);
        _clock = clock;
        _logger = logger;
    }

    /// <summary>Begins an upgrade's journal, or goes on with the one that an earlier try began.</summary>
    /// <param name="upgradeId">The upgrade.</param>
    /// <param name="database">Cluster Y's database, proven not to be cluster X's.</param>
    /// <param name="freeze">Says for how long.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>Until when writes are recorded; null when they are not, or not yet.</returns>
    public async Task<DateTimeOffset?> BeginAsync(Guid upgradeId, DatabaseSpec database, FreezeSpec freeze, CancellationToken cancellationToken)
    {
        if (freeze.JournalFor <= TimeSpan.Zero)
        {
            return null;
        }

        // Written first: if the agent dies while it installs, its successor knows what to complete and to remove.
        var journal = _files.Find(upgradeId)
            ?? new KeptJournal { UpgradeId = upgradeId, Database = database, Freeze = freeze, EndsAt = _clock.GetUtcNow() + freeze.JournalFor };
        _files.Save(journal);
        return await TryInstallAsync(journal, InstallLimit, cancellationToken) ? journal.EndsAt : null;
    }

    /// <summary>One look at every kept journal: installs what is missing, removes what is over.</summary>
    /// <param name="cancellationToken">Gives up.</param>
    public async Task TendAsync(CancellationToken cancellationToken)
    {
        foreach (var journal in _files.List())
        {
            if (_clock.GetUtcNow() >= journal.EndsAt)
            {
                await TryRemoveAsync(journal, cancellationToken);
            }
            else if (!journal.IsInstalled)
            {
                await TryInstallAsync(journal, TendLimit, cancellationToken);
            }
        }
    }

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Interval, _clock);
        do
        {
            try
            {
                await TendAsync(stoppingToken);
            }
            catch (Exception exception) when (!stoppingToken.IsCancellationRequested)
            {
                _logger.JournalsNotTended(exception);
            }
        }
        while (await timer.WaitForNextTickAsync(stoppingToken));
    }

    private async Task<bool> TryInstallAsync(KeptJournal journal, TimeSpan limit, CancellationToken cancellationToken)
    {
        var database = new KongDatabase(journal.Database, SecretReference.Resolve);
        using var bounded = new CancellationTokenSource(limit, _clock);
        using var linked = CancellationTokenSource.CreateLinkedTokenSource(bounded.Token, cancellationToken);
        try
        {
            await using var connection = await database.OpenAdminAsync(linked.Token);
            await JournalOf(journal).InstallAsync(connection, linked.Token);
            _files.Save(journal with { IsInstalled = true });
            _logger.JournalInstalled(journal.UpgradeId, database.ToString(), journal.EndsAt);
            return true;
        }
        catch (Exception exception) when (!cancellationToken.IsCancellationRequested)
        {
            _logger.JournalNotInstalled(journal.UpgradeId, database.ToString(), exception);
            return false;
        }
    }

    private async Task TryRemoveAsync(KeptJournal journal, CancellationToken cancellationToken)
    {
        var database = new KongDatabase(journal.Database, SecretReference.Resolve);
        using var bounded = new CancellationTokenSource(TendLimit, _clock);
        using var linked = CancellationTokenSource.CreateLinkedTokenSource(bounded.Token, cancellationToken);
        try
        {
            await using var connection = await database.OpenAdminAsync(linked.Token);
            var found = await JournalOf(journal).RemoveAsync(connection, linked.Token);
            _files.Delete(journal.UpgradeId);
            _logger.JournalRemoved(journal.UpgradeId, database.ToString(), found);
        }
        catch (StepFailedException exception) when (exception.Failure is { Code: FailureCodes.DatabaseUnreachable, IsTransient: false })
        {
            // The database was dropped, and the journal with it.
            _files.Delete(journal.UpgradeId);
        }
        catch (Exception exception) when (!cancellationToken.IsCancellationRequested)
        {
            _logger.JournalNotRemoved(journal.UpgradeId, database.ToString(), exception);
            if (_clock.GetUtcNow() > journal.EndsAt + GiveUpAfter)
            {
                _files.Delete(journal.UpgradeId);
            }
        }
    }

    private WriteJournal JournalOf(KeptJournal journal) => new(
        new JournalOptions { UpgradeId = journal.UpgradeId, EndsAt = journal.EndsAt, Schema = journal.Database.Schema, Freeze = journal.Freeze }, _clock);
}
