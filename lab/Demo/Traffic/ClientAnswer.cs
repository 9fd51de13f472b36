using KongUpgradeMesh.Contracts;

namespace KongUpgradeMesh.Lab.Demo.Traffic;

/// <summary>One request of a client and what came back.</summary>
/// <param name="Client">Its sticky key.</param>
/// <param name="SentAt">When it was sent.</param>
/// <param name="AnsweredAt">When the answer was complete, or the try given up.</param>
/// <param name="Side">Who answered; null when nobody did.</param>
/// <param name="Status">HTTP status; null when there was no answer.</param>
/// <param name="IsExpected">Whether it is the only right answer.</param>
public readonly record struct ClientAnswer(string Client, DateTimeOffset SentAt, DateTimeOffset AnsweredAt, ClusterSide? Side, int? Status, bool IsExpected);
