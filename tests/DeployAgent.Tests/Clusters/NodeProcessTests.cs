using KongUpgradeMesh.DeployAgent.Starting;

namespace KongUpgradeMesh.DeployAgent.Tests.Clusters;

public sealed class NodeProcessTests
{
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Takes_no_other_program_for_the_node_of_an_old_pid_file(bool processExists)
    {
        var prefix = Directory.CreateTempSubdirectory("kum-prefix-").FullName;
        try
        {
            Assert.Null(NodeProcess.Find(prefix));
            Directory.CreateDirectory(Path.Combine(prefix, "pids"));
            File.WriteAllText(Path.Combine(prefix, "pids", "nginx.pid"), $"{(processExists ? Environment.ProcessId : int.MaxValue)}\n");
            Assert.Null(NodeProcess.Find(prefix));
        }
        finally
        {
            Directory.Delete(prefix, recursive: true);
        }
    }
}
