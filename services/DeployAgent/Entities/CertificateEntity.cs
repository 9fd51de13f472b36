namespace KongUpgradeMesh.DeployAgent.Entities;

/// <summary>The public part of a row of <c>certificates</c> or <c>ca_certificates</c>; keys are never read.</summary>
internal sealed record CertificateEntity(Guid Id, string Table, string Pem);
