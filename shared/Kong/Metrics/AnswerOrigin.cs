namespace KongUpgradeMesh.Kong.Metrics;

/// <summary>Who made an answer.</summary>
public enum AnswerOrigin
{
    /// <summary>Not said: Kong 2.x never does, and for other codes than 5xx it is not kept.</summary>
    Unknown,

    /// <summary>The service behind the gateway.</summary>
    Service,

    /// <summary>The gateway itself: a plugin, no reachable service, a time limit.</summary>
    Gateway,
}
