using System.CommandLine;
using KongUpgradeMesh.Cli.Specs;

namespace KongUpgradeMesh.Cli.Commands;

/// <summary><c>kum validate</c>.</summary>
internal static class ValidateCommand
{
    public static Command Create(SharedOptions shared)
    {
        var file = SpecOption.Create();
        return shared.Run(new Command("validate", "Check a spec without starting anything") { file }, async (session, parsed, cancellationToken) =>
        {
            var spec = await SpecFile.ReadAsync(parsed.GetRequiredValue(file), cancellationToken);
            await session.Client.CallAsync(api => api.ValidateAsync(spec, cancellationToken), cancellationToken);
            session.Print(new { valid = true }, static (output, _) => output.WriteLine("The spec is valid."));
            return ExitCodes.Done;
        });
    }
}
