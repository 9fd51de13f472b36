using Npgsql;

namespace KongUpgradeMesh.Kong.Databases;

/// <summary>Compares the fence that is there with the one that should be, and with how it was left.</summary>
internal static class FenceInspection
{
    public static async Task<FenceStatus> RunAsync(NpgsqlConnection connection, FenceOptions options, CancellationToken cancellationToken)
    {
        var expected = await FenceCatalog.ExpectedAsync(connection, options.Schema, options.Freeze, cancellationToken);
        var stamp = await FenceStamp.ReadAsync(connection, cancellationToken);
        var triggers = (await FenceCatalog.TriggersAsync(connection, cancellationToken)).Where(t => t.Schema == options.Schema).ToLookup(static t => t.Table, StringComparer.Ordinal);
        var sequences = await FenceCatalog.SequencesAsync(connection, cancellationToken);
        var refused = FenceCatalog.Refused(sequences);
        var torn = expected.Where(e => !IsFenced(e.Value, triggers[e.Key])).Select(static e => e.Key).ToList();
        var defects = torn.Select(static t => $"table {t}: trigger missing, disabled or altered").ToList();
        if (stamp is not null)
        {
            defects.AddRange(await SinceAsync(connection, options, stamp, expected, triggers, torn, cancellationToken));
        }

        return new FenceStatus
        {
            UpgradeId = stamp?.UpgradeId,
            InstalledAt = stamp?.InstalledAt,
            TablesExpected = expected.Count,
            TablesFenced = expected.Count - torn.Count,
            Defects = defects,
            RefusedWrites = refused.Values.Sum(),
            RefusedByTable = refused,
            LatestRefusals = await RefusalRing.ReadAsync(connection, sequences, cancellationToken),
        };
    }

    /// <summary>Whether the triggers of a table are those that the allowance asks for, and on.</summary>
    public static bool IsFenced(Allowance allowance, IEnumerable<FenceCatalog.Trigger> triggers)
    {
        var found = triggers.ToList();
        return Find(found, FenceSql.RowTrigger, allowance) is { IsOn: true } && Find(found, FenceSql.TruncateTrigger, Allowance.None) is { IsOn: true };
    }

    /// <summary>The trigger of this name when it is as it should be, but for being on.</summary>
    public static FenceCatalog.Trigger? Find(IEnumerable<FenceCatalog.Trigger> triggers, string name, Allowance allowance) =>
        triggers.FirstOrDefault(t => t.IsShaped && t.Name == name && t.Argument == (allowance == Allowance.None ? "" : allowance.ToString()));

    /// <summary>What both triggers of a table amount to in <see cref="FenceRecord.Triggers"/>.</summary>
    public static string MarkOf(IEnumerable<FenceCatalog.Trigger> triggers) => string.Join(' ', triggers.OrderBy(static t => t.Name, StringComparer.Ordinal).Select(static t => t.Mark));

    // What is whole now may have been open for a while: then configuration may have been written past the fence.
    private static async Task<List<string>> SinceAsync(
        NpgsqlConnection connection,
        FenceOptions options,
        FenceStamp stamp,
        SortedDictionary<string, Allowance> expected,
        ILookup<string, FenceCatalog.Trigger> triggers,
        List<string> torn,
        CancellationToken cancellationToken)
    {
        var findings = new List<string>();
        var function = await FenceCatalog.FunctionAsync(connection, stamp.UpgradeId, cancellationToken);
        if (function is null)
        {
            findings.Add($"function {FenceSql.Schema}.refuse: missing or altered");
        }

        if (stamp.Record is not { } record)
        {
            findings.Add("stamp: how everything was left is not recorded, so nobody can tell what happened since");
            return findings;
        }

        if (function is not null && function != record.Function)
        {
            findings.Add($"function {FenceSql.Schema}.refuse: was replaced for a while, or its rights were changed");
        }

        findings.AddRange(expected.Keys
            .Where(t => !torn.Contains(t) && record.Triggers.TryGetValue(t, out var mark) && mark != MarkOf(triggers[t]))
            .Select(static t => $"table {t}: trigger was dropped or disabled for a while"));
        var definitions = await TableDefinitions.ReadAsync(connection, options.Schema, [.. expected.Keys], cancellationToken);
        findings.AddRange(await TableDefinitions.CompareAsync(connection, record.Definitions, definitions, cancellationToken));
        return findings;
    }
}
