namespace KongUpgradeMesh.TrafficAgent.Drivers.External;

/// <summary>Takes secrets out of what others say, before it becomes part of a failure.</summary>
internal static class Redaction
{
    // Shorter ones would blacken ordinary words; nothing so short protects anything.
    private const int ShortestSecret = 4;

    public static string Redact(string text, IEnumerable<string> secrets) =>
        secrets.Where(static s => s.Length >= ShortestSecret).OrderByDescending(static s => s.Length).Aggregate(text, static (t, secret) => t.Replace(secret, "***", StringComparison.Ordinal));
}
