namespace KongUpgradeMesh.Kong.Databases;

/// <summary>Which write of Kong's own background work a fenced table lets through; the names are trigger arguments in the database.</summary>
internal enum Allowance
{
    None,

    /// <summary>Deletes of rows whose <c>ttl</c> has passed: Kong's cleaner retries and warns for ever otherwise.</summary>
    Expired,

    /// <summary>A new hash of the same secret in <c>oauth2_credentials.client_secret</c>, written by the token endpoint.</summary>
    Rehash,

    /// <summary>Writes by a trigger of another table: <c>tags</c> follows its entities, whose own fence has decided already.</summary>
    Nested,
}
