namespace KongUpgradeMesh.Cli.Tests;

internal sealed record KumResult(int ExitCode, string Output, string Error);
