using System.Globalization;
using KongUpgradeMesh.TrafficAgent.Splits;

namespace KongUpgradeMesh.TrafficAgent.Drivers.Nginx;

/// <summary>Asks nginx's workers what they follow; the files say only what they should.</summary>
internal sealed class NginxWorkers(NginxOptions options, HttpClient http, TimeProvider clock)
{
    // Titles are set by nginx itself and are its only word about old workers.
    private const string Leaving = "shutting down";

    /// <summary>One answer of some worker: its generation, and the side of the given key.</summary>
    public async Task<(string Generation, string Side)> AskAsync(string? key, CancellationToken cancellationToken)
    {
        using var bound = new CancellationTokenSource(options.Timeout, clock);
        using var linked = CancellationTokenSource.CreateLinkedTokenSource(bound.Token, cancellationToken);
        try
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, options.GenerationUrl);
            request.Headers.ConnectionClose = true; // Another connection may meet another worker.
            if (key is not null && options.ProbeHeader is { } header)
            {
                request.Headers.TryAddWithoutValidation(header, key);
            }

            using var response = await http.SendAsync(request, linked.Token);
            var words = (await response.Content.ReadAsStringAsync(linked.Token)).Split('|');
            return response.IsSuccessStatusCode && words.Length == 2
                ? (words[0], words[1].Trim())
                : throw TrafficFailures.Refused($"nginx at {options.GenerationUrl}", $"status {(int)response.StatusCode}");
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            throw TrafficFailures.Unreachable($"nginx at {options.GenerationUrl}", $"no answer within {options.Timeout}");
        }
        catch (Exception exception) when (exception is HttpRequestException or IOException)
        {
            throw TrafficFailures.Unreachable($"nginx at {options.GenerationUrl}", (exception as HttpRequestException)?.HttpRequestError.ToString() ?? "the connection broke", exception);
        }
    }

    /// <summary>Whether workers of an older generation still finish their connections; false also where it cannot be seen.</summary>
    public async Task<bool> AnyLeavingAsync(CancellationToken cancellationToken)
    {
        try
        {
            var master = int.Parse(await File.ReadAllTextAsync(options.PidFile, cancellationToken), NumberStyles.AllowTrailingWhite, CultureInfo.InvariantCulture);
            var children = await File.ReadAllTextAsync($"/proc/{master}/task/{master}/children", cancellationToken);
            foreach (var child in children.Split(' ', StringSplitOptions.RemoveEmptyEntries))
            {
                if ((await TitleAsync(child, cancellationToken)).Contains(Leaving, StringComparison.Ordinal))
                {
                    return true;
                }
            }
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or FormatException)
        {
            return false; // What workers answer is the proof; this only says how long old connections last.
        }

        return false;
    }

    private static async Task<string> TitleAsync(string process, CancellationToken cancellationToken)
    {
        try
        {
            return await File.ReadAllTextAsync($"/proc/{process}/cmdline", cancellationToken);
        }
        catch (IOException)
        {
            return ""; // It has just ended.
        }
    }
}
