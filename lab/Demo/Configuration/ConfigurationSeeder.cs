using System.Net.Http.Json;

namespace KongUpgradeMesh.Lab.Demo.Configuration;

/// <summary>Creates the sample configuration through an Admin API.</summary>
public static class ConfigurationSeeder
{
    private static readonly TimeSpan RequestTimeout = TimeSpan.FromMinutes(1);

    /// <summary>Posts every write in order; returns how many entities were created.</summary>
    public static async Task<int> SeedAsync(Uri admin, IReadOnlyList<AdminWrite> writes, CancellationToken cancellationToken)
    {
        using var http = new HttpClient { BaseAddress = admin, Timeout = RequestTimeout };
        foreach (var write in writes)
        {
            using var response = await http.PostAsJsonAsync(write.Path, write.Body, cancellationToken);
            if (!response.IsSuccessStatusCode)
            {
                var answer = await response.Content.ReadAsStringAsync(cancellationToken);
                throw new LabException($"POST {new Uri(admin, write.Path)} was answered with {(int)response.StatusCode}: {answer.Trim()} (sent: {write.Body.ToJsonString()})");
            }
        }

        return writes.Count;
    }
}
