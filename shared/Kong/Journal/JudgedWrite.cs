namespace KongUpgradeMesh.Kong.Journal;

/// <summary>Whether a return to cluster X would lose a write.</summary>
/// <param name="Write">The write on cluster Y.</param>
/// <param name="Lost">True when cluster X does not have what cluster Y has now, false when it has, null when that cannot be told.</param>
/// <param name="Reason">Why, in words; names only.</param>
public sealed record JudgedWrite(JournaledWrite Write, bool? Lost, string Reason);
