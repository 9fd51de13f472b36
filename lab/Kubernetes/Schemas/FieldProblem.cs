namespace KongUpgradeMesh.Lab.StandInKubernetes.Schemas;

/// <summary>A value that a schema does not allow.</summary>
internal sealed record FieldProblem(string Field, string Message, string Reason = "FieldValueInvalid");
