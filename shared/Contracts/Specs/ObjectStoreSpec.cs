namespace KongUpgradeMesh.Contracts.Specs;

/// <summary>A bucket of a store that speaks Amazon's S3 protocol. It must exist; nothing outside the prefix is touched.</summary>
public sealed record ObjectStoreSpec
{
    /// <summary>Root of the store's API, for example <c>https://s3.eu-central-1.amazonaws.com</c>.</summary>
    public required Uri Endpoint { get; init; }

    /// <summary>Region that requests are signed for. Default <c>us-east-1</c>, which most stores other than Amazon's expect.</summary>
    public string Region { get; init; } = "us-east-1";

    /// <summary>Name of the bucket.</summary>
    public required string Bucket { get; init; }

    /// <summary>Start of every object's name; the cluster's name and the backup's follow. Default empty.</summary>
    public string Prefix { get; init; } = "";

    /// <summary>Reference to the access key's id. It needs to list, read, write and delete below the prefix.</summary>
    public required string AccessKey { get; init; }

    /// <summary>Reference to the secret access key.</summary>
    public required string SecretKey { get; init; }

    /// <summary>Whether the bucket's name stands in the path instead of the host name. Default true.</summary>
    public bool PathStyle { get; init; } = true;
}
