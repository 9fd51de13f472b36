namespace KongUpgradeMesh.Lab.StandInKong.Cli;

/// <summary>Ends a command with <c>Error: …</c> on standard error and exit code 1.</summary>
internal sealed class CommandFailedException(string message) : Exception(message);
