using System.Security.Cryptography;
using System.Text;

namespace KongUpgradeMesh.Lab.Mesh;

/// <summary>Where the mesh keeps what it needs: one directory, which may be deleted when nothing runs.</summary>
internal sealed class MeshFiles
{
    public MeshFiles(string root)
    {
        Root = Path.GetFullPath(root);
        Directory.CreateDirectory(Path.Combine(Root, "log"));
    }

    public string Root { get; }

    public string State => Path.Combine(Root, "mesh.json");

    public string SupervisorLog => Log("mesh");

    public string RabbitMq => Path.Combine(Root, "rabbitmq");

    /// <summary>PostgreSQL's directory. Root lends it to the user postgres, who cannot enter a home directory such as /root.</summary>
    public string Postgres
    {
        get
        {
            if (Environment.UserName != "root" || IsOpenToOthers(Root))
            {
                return Path.Combine(Root, "postgres");
            }

            var name = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(Root)))[..12];
            return Path.Combine("/var/tmp", $"kum-{name}", "postgres");
        }
    }

    public string Log(string name) => Path.Combine(Root, "log", name + ".log");

    public string AgentState(string name)
    {
        var directory = Path.Combine(Root, "agents", name);
        Directory.CreateDirectory(directory);
        return directory;
    }

    private static bool IsOpenToOthers(string directory)
    {
        for (var current = new DirectoryInfo(directory); current is not null; current = current.Parent)
        {
            if (!OperatingSystem.IsWindows() && !current.UnixFileMode.HasFlag(UnixFileMode.OtherExecute))
            {
                return false;
            }
        }

        return true;
    }
}
