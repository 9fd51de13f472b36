namespace KongUpgradeMesh.Lab.Demo;

/// <summary>The lab cannot do what was asked; the message is a sentence for the person at the terminal.</summary>
public sealed class LabException(string message, Exception? inner = null) : Exception(message, inner);
