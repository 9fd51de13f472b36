using System.Text.Json;
using KongUpgradeMesh.Kong.Journal;

namespace KongUpgradeMesh.Cli.Journals;

/// <summary>One write as <c>kum journal show</c> prints it.</summary>
internal sealed record JournalEntry(
    DateTimeOffset At, long Transaction, string Table, string Operation, IReadOnlyDictionary<string, JsonElement>? Key, IReadOnlyList<string>? Columns,
    string Role, string? Application, string? Client, bool? Lost, string Reason)
{
    public static JournalEntry Of(JudgedWrite judged)
    {
        var write = judged.Write;
        return new JournalEntry(
            write.At, write.Transaction, write.Table, write.Operation, write.Key, write.Columns, write.Role, write.Application, write.Client, judged.Lost, judged.Reason);
    }
}
