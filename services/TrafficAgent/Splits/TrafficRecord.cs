using System.Buffers.Binary;
using System.Security.Cryptography;
using KongUpgradeMesh.Contracts;

namespace KongUpgradeMesh.TrafficAgent.Splits;

/// <summary>What this product writes into a load balancer: a split, and whose it is.</summary>
public sealed record TrafficRecord
{
    /// <summary>A step after which no other of the same epoch is admitted, whoever sends it and however late.</summary>
    public const int EndOfEpoch = int.MaxValue;

    /// <summary>The upgrade that set the split.</summary>
    public required Guid UpgradeId { get; init; }

    /// <summary>Epoch of the command that set it, at least 1.</summary>
    public required int Epoch { get; init; }

    /// <summary>Number of the traffic step; 0 for "all on X" before the first step and after a commanded restore; <see cref="EndOfEpoch"/> when the epoch is over.</summary>
    public required int Step { get; init; }

    /// <summary>The split.</summary>
    public required TrafficSplit Split { get; init; }

    /// <summary>Whether cluster X may be gone: the coordinator has committed the traffic to Y, and only a later epoch leads back.</summary>
    public bool IsCommitted => Step == EndOfEpoch && Split.WeightY > 0;

    /// <summary>A checksum over the other values; a hand edit of the balancer that forgets it is noticed. Not a protection against malice.</summary>
    public uint Seal
    {
        get
        {
            Span<byte> bytes = stackalloc byte[28];
            UpgradeId.TryWriteBytes(bytes);
            BinaryPrimitives.WriteInt32LittleEndian(bytes[16..], Epoch);
            BinaryPrimitives.WriteInt32LittleEndian(bytes[20..], Step);
            BinaryPrimitives.WriteInt32LittleEndian(bytes[24..], Split.WeightY);
            return BinaryPrimitives.ReadUInt32LittleEndian(SHA256.HashData(bytes));
        }
    }

    /// <summary>Whether <paramref name="other"/>, of the same upgrade, was ordered later than this one. Within a step the share only rises, and not again once it was taken back to X.</summary>
    public bool IsOlderThan(TrafficRecord other) => (Epoch, Step) == (other.Epoch, other.Step)
        ? Split.WeightY > 0 && Split.WeightY < other.Split.WeightY
        : (Epoch, Step).CompareTo((other.Epoch, other.Step)) < 0;
}
