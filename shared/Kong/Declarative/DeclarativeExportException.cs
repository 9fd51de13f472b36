namespace KongUpgradeMesh.Kong.Declarative;

/// <summary>The Admin API's answers do not make a whole declarative copy; the message is one clause without secrets.</summary>
public sealed class DeclarativeExportException(string message, Exception? inner = null) : Exception(message, inner);
