namespace KongUpgradeMesh.Kong.Databases;

/// <summary>One write that the fence refused: who tried, where and when; never what.</summary>
/// <param name="At">When, by the server's clock.</param>
/// <param name="Table">The table; its object id when it has been dropped since.</param>
/// <param name="Operation"><c>INSERT</c>, <c>UPDATE</c>, <c>DELETE</c> or <c>TRUNCATE</c>.</param>
/// <param name="Role">The role that logged in, whatever <c>SET ROLE</c> it gave itself; its object id when it has been dropped since.</param>
/// <param name="ApplicationName">Name that the session gave itself, cut to 40 characters; empty when it gave none, as Kong itself does.</param>
/// <param name="ClientAddress">Address of the client, as the server sees it (a pooler hides who is behind it); null for a unix socket.</param>
public sealed record RefusedWrite(DateTimeOffset At, string Table, string Operation, string Role, string ApplicationName, string? ClientAddress);
