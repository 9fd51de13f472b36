using System.Diagnostics;

namespace KongUpgradeMesh.Lab.Mesh;

/// <summary>A process by its id and the moment of its start, so that a reused id is never taken for it.</summary>
internal sealed record ProcessIdentity(int Id, long StartedTicks)
{
    public static ProcessIdentity Current => Of(Environment.ProcessId) ?? throw new MeshException("/proc does not show this process; Linux is needed.");

    public bool IsAlive => Of(Id) == this;

    /// <summary>The process that has this id now; null when none has.</summary>
    public static ProcessIdentity? Of(int id)
    {
        try
        {
            // The name, field 2, may hold spaces and brackets; the rest is counted from its end. Field 3 is the state, field 22 the start.
            var fields = File.ReadAllText($"/proc/{id}/stat").Split(") ")[^1].Split(' ');
            return fields[0] == "Z" ? null : new ProcessIdentity(id, long.Parse(fields[19]));
        }
        catch (IOException)
        {
            return null;
        }
    }

    /// <summary>The child of this process that runs the program <paramref name="name"/>; null when there is none.</summary>
    public static ProcessIdentity? ChildOfThis(string name) => Directory.GetDirectories("/proc")
        .Select(static directory => int.TryParse(Path.GetFileName(directory), out var id) ? id : 0)
        .Where(id => id != 0 && IsChild(id, name))
        .Select(Of)
        .FirstOrDefault(static found => found is not null);

    /// <summary>Sends a signal, unless the process is gone.</summary>
    public void Signal(string name)
    {
        if (!IsAlive)
        {
            return;
        }

        using var kill = Process.Start(new ProcessStartInfo("kill", ["-" + name, Id.ToString()]) { RedirectStandardError = true });
        kill?.WaitForExit();
    }

    /// <summary>Waits for its end; false when it still lives after <paramref name="limit"/>.</summary>
    public async Task<bool> HasEndedAsync(TimeSpan limit, TimeProvider clock, CancellationToken cancellationToken)
    {
        var start = clock.GetTimestamp();
        while (IsAlive)
        {
            if (clock.GetElapsedTime(start) > limit)
            {
                return false;
            }

            await Task.Delay(TimeSpan.FromMilliseconds(100), clock, cancellationToken);
        }

        return true;
    }

    private static bool IsChild(int id, string name)
    {
        try
        {
            var line = File.ReadAllText($"/proc/{id}/stat");
            return line.Contains($"({name}) ", StringComparison.Ordinal) && line.Split(") ")[^1].Split(' ')[1] == Environment.ProcessId.ToString();
        }
        catch (IOException)
        {
            return false;
        }
    }
}
