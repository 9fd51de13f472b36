using System.Security.Cryptography;
using System.Text;
using KongUpgradeMesh.Contracts;
using KongUpgradeMesh.Contracts.Specs;
using KongUpgradeMesh.Kong.Backups;

namespace KongUpgradeMesh.BackupAgent.Backups;

/// <summary>Notes where cluster X's licence comes from, in Kong's own order; a licence itself is never copied.</summary>
internal static class LicenseReferences
{
    private const string DataVariable = "KONG_LICENSE_DATA";
    private const string PathVariable = "KONG_LICENSE_PATH";
    private const string DefaultFile = "/etc/kong/license.json";

    public static async Task<IReadOnlyList<LicenseReference>> ReadAsync(ClusterSpec cluster, IEnumerable<NodeSettings> nodes, List<string> notes, CancellationToken cancellationToken)
    {
        var found = new List<LicenseReference>();
        foreach (var node in nodes)
        {
            if (node.Variables.TryGetValue(DataVariable, out var data))
            {
                found.Add(OfVariable(data));
            }

            if (node.Variables.TryGetValue(PathVariable, out var path))
            {
                found.Add(await OfFileAsync(path, cancellationToken));
            }
        }

        if (cluster.Edition == KongEdition.Enterprise && File.Exists(DefaultFile))
        {
            found.Add(await OfFileAsync(DefaultFile, cancellationToken));
        }

        if (found.Count > 0)
        {
            notes.Add("Licence: the backup names it and its digest only; whoever restores needs the licence itself.");
        }

        return [.. found.Distinct()];
    }

    // The reference itself is the source; a licence that stands in the spec in clear has only the variable's name.
    private static LicenseReference OfVariable(string value)
    {
        var source = SecretReference.IsReference(value) ? $"{DataVariable} ({value})" : DataVariable;
        try
        {
            return new LicenseReference(source, Digest(Encoding.UTF8.GetBytes(SecretReference.Resolve(value))));
        }
        catch (StepFailedException)
        {
            return new LicenseReference(source, null);
        }
    }

    private static async Task<LicenseReference> OfFileAsync(string path, CancellationToken cancellationToken)
    {
        try
        {
            return new LicenseReference(path, Digest(await File.ReadAllBytesAsync(path, cancellationToken)));
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return new LicenseReference(path, null);
        }
    }

    private static string Digest(byte[] content) => Convert.ToHexStringLower(SHA256.HashData(content));
}
