using System.CommandLine;
using KongUpgradeMesh.Cli.Api;

namespace KongUpgradeMesh.Cli.Commands;

/// <summary>The argument that names an upgrade.</summary>
internal sealed class UpgradeArgument
{
    public Argument<string> Argument { get; } = new("id")
    {
        Description = "The upgrade: its id, a unique beginning of it, or the name of its cluster",
    };

    public Task<Guid> FindAsync(Session session, ParseResult parsed, CancellationToken cancellationToken) =>
        UpgradeFinder.FindAsync(session.Client, parsed.GetRequiredValue(Argument), cancellationToken);
}
