namespace KongUpgradeMesh.Kong.Metrics;

/// <summary>A dictionary that the workers of a node share; it never grows beyond its capacity.</summary>
/// <param name="UsedBytes">Bytes in use.</param>
/// <param name="CapacityBytes">Bytes it can hold; 0 when not said.</param>
public readonly record struct SharedMemory(double UsedBytes, double CapacityBytes);
