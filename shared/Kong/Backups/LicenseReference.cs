namespace KongUpgradeMesh.Kong.Backups;

/// <summary>A licence that cluster X uses, by reference.</summary>
/// <param name="Source">Path of the file, or name of the variable.</param>
/// <param name="Sha256">SHA-256 of its content, lower-case hexadecimal, to recognise the right one; null when it could not be read.</param>
public sealed record LicenseReference(string Source, string? Sha256);
