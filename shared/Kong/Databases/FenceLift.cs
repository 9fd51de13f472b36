namespace KongUpgradeMesh.Kong.Databases;

/// <summary>How lifting a fence ended; in every case no object of the asking upgrade's fence is left.</summary>
/// <param name="Found">Whether there was a fence to lift.</param>
/// <param name="Owner">The other upgrade whose fence stands and was left alone; null when none does.</param>
/// <param name="RefusedWrites">Statements the lifted fence had refused.</param>
public sealed record FenceLift(bool Found, Guid? Owner, long RefusedWrites);
