using System.Text.Json.Serialization;

namespace KongUpgradeMesh.Contracts.Deployment;

/// <summary>What kind of program or person writes Kong's configuration.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<WriterKind>))]
public enum WriterKind
{
    /// <summary>Somebody writes, and nothing tells through which tool; most likely a client of the Admin API.</summary>
    AdminApi,

    /// <summary>decK, which makes Kong equal to a file.</summary>
    Deck,

    /// <summary>A Kubernetes controller (Kong Ingress Controller, Kong Operator), which writes whenever the Kubernetes API changes.</summary>
    IngressController,

    /// <summary>People at Kong Manager.</summary>
    KongManager,

    /// <summary>Developers who sign up at the Dev Portal.</summary>
    DeveloperPortal,

    /// <summary>Terraform.</summary>
    Terraform,

    /// <summary>A person or a script at an SQL prompt.</summary>
    DirectSql,

    /// <summary>A session that may write, from an address that no node of the spec has.</summary>
    UnknownSession,
}
