using System.CommandLine;
using KongUpgradeMesh.Cli.Journals;
using KongUpgradeMesh.Cli.Specs;
using KongUpgradeMesh.Contracts.Specs;
using KongUpgradeMesh.Kong.Databases;
using KongUpgradeMesh.Kong.Journal;

namespace KongUpgradeMesh.Cli.Commands;

/// <summary><c>kum journal</c>: needs no coordinator, only the databases.</summary>
internal static class JournalCommand
{
    public static Command Create(SharedOptions shared)
    {
        var command = new Command("journal", "The record of configuration writes on cluster Y after its fence was lifted");
        command.Add(CreateShow(shared));
        command.Add(CreateRemove(shared));
        return command;
    }

    private static Command CreateShow(SharedOptions shared)
    {
        var file = SpecOption.Create();
        return shared.Run(new Command("show", "Show each write, and whether a return to cluster X would lose it") { file }, async (session, parsed, cancellationToken) =>
        {
            var spec = await LocalSpec.ReadAsync(parsed.GetRequiredValue(file), cancellationToken);
            session.Print(await JournalReport.ReadAsync(spec, cancellationToken), JournalReport.Write);
            return ExitCodes.Done;
        });
    }

    private static Command CreateRemove(SharedOptions shared)
    {
        var file = SpecOption.Create();
        return shared.Run(new Command("remove", "Remove the journal from cluster Y's database before its time is over") { file }, async (session, parsed, cancellationToken) =>
        {
            var spec = await LocalSpec.ReadAsync(parsed.GetRequiredValue(file), cancellationToken);
            var database = new KongDatabase(spec.To.Database, SecretReference.Resolve);
            await using var connection = await database.OpenAdminAsync(cancellationToken);
            var removed = await WriteJournal.RemoveAnyAsync(connection, database.Schema, spec.Freeze, session.Clock, cancellationToken);
            session.Print(
                new { database = database.ToString(), removed },
                static (output, done) => output.WriteLine(done.removed ? $"The journal is gone from {done.database}, with everything it held." : $"{done.database} has no journal."));
            return ExitCodes.Done;
        });
    }
}
