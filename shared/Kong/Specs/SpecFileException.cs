namespace KongUpgradeMesh.Kong.Specs;

/// <summary>A spec file that cannot be read as YAML or JSON; the message says where and why.</summary>
public sealed class SpecFileException(string message, Exception? inner = null) : Exception(message, inner);
