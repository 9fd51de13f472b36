namespace KongUpgradeMesh.TrafficAgent.Drivers;

/// <summary>A file of a load balancer that is replaced as a whole, so that nobody ever reads half of it.</summary>
internal static class KeptFile
{
    /// <summary>Replaces the file; what it held before is intact until the new content is on disk.</summary>
    public static async Task ReplaceAsync(string path, string content, CancellationToken cancellationToken)
    {
        var fresh = path + ".kum-new";
        await using (var file = new FileStream(fresh, FileMode.Create, FileAccess.Write))
        {
            // The load balancer reads as its own user: keep the mode that the operator gave.
            if (File.Exists(path) && !OperatingSystem.IsWindows())
            {
                File.SetUnixFileMode(file.SafeFileHandle, File.GetUnixFileMode(path));
            }

            await file.WriteAsync(System.Text.Encoding.UTF8.GetBytes(content), cancellationToken);
            file.Flush(flushToDisk: true);
        }

        File.Move(fresh, path, overwrite: true);
    }
}
