namespace KongUpgradeMesh.Lab.StandInKubernetes.Fields;

/// <summary>One entry of managedFields.</summary>
internal sealed record FieldOwner(string Manager, string Operation, string? Subresource, string ApiVersion, string Time, SortedSet<string> Fields)
{
    public const string Apply = "Apply";
    public const string Update = "Update";

    /// <summary>As conflicts name it.</summary>
    public string Display => Operation == Apply ? $"\"{Manager}\""
        : Subresource is null ? $"\"{Manager}\" using {ApiVersion} at {Time}"
        : $"\"{Manager}\" with subresource \"{Subresource}\" using {ApiVersion} at {Time}";
}
