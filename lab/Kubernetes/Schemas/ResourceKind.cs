namespace KongUpgradeMesh.Lab.StandInKubernetes.Schemas;

/// <summary>A kind of object that the server has.</summary>
internal sealed record ResourceKind
{
    public required string Group { get; init; }

    public required string Version { get; init; }

    public required string Resource { get; init; }

    public required string Kind { get; init; }

    public required ObjectSchema Schema { get; init; }

    /// <summary>Whether it comes with the server; such kinds know strategic merge patches.</summary>
    public bool IsBuiltIn { get; init; }

    /// <summary>Whether changes outside metadata and status count up its generation.</summary>
    public bool HasGeneration { get; init; } = true;

    public string ApiVersion => Group.Length == 0 ? Version : $"{Group}/{Version}";

    /// <summary>Types of patch that it takes, in the order in which the server lists them.</summary>
    public IReadOnlyList<string> PatchTypes => IsBuiltIn
        ? [PatchType.Json, PatchType.Merge, PatchType.Strategic, PatchType.Apply]
        : [PatchType.Json, PatchType.Merge, PatchType.Apply];
}
