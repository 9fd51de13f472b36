namespace KongUpgradeMesh.DeployAgent.Entities;

/// <summary>A row of <c>services</c>.</summary>
internal sealed record ServiceEntity
{
    public required Guid Id { get; init; }

    public string? Name { get; init; }

    public string? Protocol { get; init; }

    public string? Path { get; init; }

    /// <summary>False since 2.7 where somebody switched the service off; null in rows of older versions.</summary>
    public bool? Enabled { get; init; }

    public string Label => Name ?? Id.ToString();
}
