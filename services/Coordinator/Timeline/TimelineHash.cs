using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace KongUpgradeMesh.Coordinator.Timeline;

/// <summary>Chains timeline entries: each hash covers the entry and the hash before it, so a changed or missing entry shows.</summary>
internal static class TimelineHash
{
    /// <summary>What stands before the first entry.</summary>
    public static readonly string Genesis = new('0', 64);

    public static string Of(Guid upgradeId, long sequence, DateTimeOffset at, string kind, string phase, int epoch, string actor, string message, string data, string previous)
    {
        // Length before each field, so that no two entries have the same text.
        var text = new StringBuilder();
        foreach (var field in new[]
        {
            upgradeId.ToString("N"), sequence.ToString(CultureInfo.InvariantCulture), at.UtcTicks.ToString(CultureInfo.InvariantCulture),
            kind, phase, epoch.ToString(CultureInfo.InvariantCulture), actor, message, data, previous,
        })
        {
            text.Append(CultureInfo.InvariantCulture, $"{field.Length}:{field}\n");
        }

        return Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text.ToString())));
    }
}
