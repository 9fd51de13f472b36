using System.Diagnostics;
using KongUpgradeMesh.Kong.Backups;

namespace KongUpgradeMesh.Tests.Backups;

public sealed class ScratchDirectoryTests : IDisposable
{
    private readonly DirectoryInfo _root = Directory.CreateTempSubdirectory("kum-scratch-");

    public void Dispose() => _root.Delete(recursive: true);

    [Fact]
    public void Is_gone_after_its_use_and_left_alone_during_it()
    {
        using (var scratch = ScratchDirectory.Create(_root.FullName))
        {
            File.WriteAllText(Path.Combine(scratch.Location, "secret"), "clear");
            Assert.Equal(0, ScratchDirectory.Sweep(_root.FullName));
            Assert.True(File.Exists(Path.Combine(scratch.Location, "secret")));
        }

        Assert.Empty(_root.GetFileSystemInfos());
    }

    [Fact]
    public async Task What_a_killed_process_left_is_swept()
    {
        // A process that holds the lock as ours would, and is killed.
        var path = Path.Combine(_root.FullName, "open-" + Guid.NewGuid().ToString("N"));
        Directory.CreateDirectory(path);
        await File.WriteAllTextAsync(Path.Combine(path, "secret"), "clear");
        await File.WriteAllTextAsync(path + ".lock", "");
        using var holder = Process.Start(new ProcessStartInfo("flock", ["--exclusive", path + ".lock", "sleep", "60"]))!;
        await TestKit.Eventually.HoldsAsync("the lock is held", () => Task.FromResult(IsHeld(path + ".lock")));
        Assert.Equal(0, ScratchDirectory.Sweep(_root.FullName));
        holder.Kill(entireProcessTree: true);
        await holder.WaitForExitAsync();
        await TestKit.Eventually.HoldsAsync("the leftovers are swept", () => Task.FromResult(ScratchDirectory.Sweep(_root.FullName) == 1));
        Assert.Empty(_root.GetFileSystemInfos());
    }

    private static bool IsHeld(string path)
    {
        try
        {
            using var free = new FileStream(path, FileMode.Open, FileAccess.ReadWrite, FileShare.None);
            return false;
        }
        catch (IOException)
        {
            return true;
        }
    }
}
