namespace KongUpgradeMesh.Lab.StandInKong.Configuration;

/// <summary>Reads and writes files of <c>key = value</c> lines: kong.conf, and the <c>.kong_env</c> that a running node keeps.</summary>
internal static class ConfigurationFile
{
    public static Dictionary<string, string> Read(string path)
    {
        var values = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var raw in File.ReadLines(path))
        {
            var line = raw.Trim();
            var equals = line.IndexOf('=', StringComparison.Ordinal);
            if (line.Length == 0 || line[0] == '#' || equals < 1)
            {
                continue;
            }

            values[line[..equals].Trim()] = WithoutComment(line[(equals + 1)..]).Trim();
        }

        return values;
    }

    // The file may hold the password of the database, so nobody else may read it from its first byte on.
    public static void WritePrivate(string path, IEnumerable<KeyValuePair<string, string>> values)
    {
        var temporary = path + ".new";
        File.Delete(temporary);
        using (var stream = new FileStream(temporary, new FileStreamOptions
        {
            Mode = FileMode.CreateNew,
            Access = FileAccess.Write,
            UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite,
        }))
        using (var writer = new StreamWriter(stream))
        {
            foreach (var (key, value) in values.OrderBy(v => v.Key, StringComparer.Ordinal))
            {
                writer.WriteLine($"{key} = {value.Replace("#", "\\#", StringComparison.Ordinal)}");
            }
        }

        File.Move(temporary, path, overwrite: true);
    }

    // Like the real one, a '#' begins a comment unless it is escaped; passwords contain it often enough.
    private static string WithoutComment(string value)
    {
        for (var i = 0; i < value.Length; i++)
        {
            if (value[i] == '#' && (i == 0 || value[i - 1] != '\\'))
            {
                value = value[..i];
                break;
            }
        }

        return value.Replace("\\#", "#", StringComparison.Ordinal);
    }
}
