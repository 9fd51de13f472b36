using System.Reflection;

namespace KongUpgradeMesh.Lab.StandInKong;

/// <summary>Reads the files that are built into the assembly: entity schemas and SQL.</summary>
internal static class Resources
{
    public static Stream Open(string name) =>
        Assembly.GetExecutingAssembly().GetManifestResourceStream(name)
        ?? throw new InvalidOperationException($"The assembly lacks its resource {name}");

    public static string ReadText(string name)
    {
        using var reader = new StreamReader(Open(name));
        return reader.ReadToEnd();
    }
}
