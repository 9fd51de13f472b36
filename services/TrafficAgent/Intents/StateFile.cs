using System.Globalization;
using System.Text.Json;

namespace KongUpgradeMesh.TrafficAgent.Intents;

/// <summary>A small file of the agent's state: replaced as a whole, and on disk when the write returns. The agent and <c>kum-traffic</c> may write it at the same time.</summary>
internal static class StateFile
{
    /// <summary>Writes the value.</summary>
    /// <exception cref="IOException">The directory cannot be written.</exception>
    public static void Replace<T>(string path, T value)
    {
        var fresh = path + string.Create(CultureInfo.InvariantCulture, $".{Environment.ProcessId}-{Environment.CurrentManagedThreadId}.new");
        using (var file = new FileStream(fresh, FileMode.Create, FileAccess.Write))
        {
            JsonSerializer.Serialize(file, value);
            file.Flush(flushToDisk: true);
        }

        File.Move(fresh, path, overwrite: true);
    }

    /// <summary>Reads the value; null when there is no such file.</summary>
    /// <exception cref="JsonException">The file is damaged.</exception>
    public static T? Read<T>(string path)
        where T : class
    {
        try
        {
            return JsonSerializer.Deserialize<T>(File.ReadAllBytes(path));
        }
        catch (Exception exception) when (exception is FileNotFoundException or DirectoryNotFoundException)
        {
            return null;
        }
    }
}
