namespace KongUpgradeMesh.Lab.StandInKong;

/// <summary>Which release of Kong the process plays.</summary>
internal sealed record Flavour(string Version)
{
    public static Flavour V285 { get; } = new("2.8.5");

    public static Flavour V342 { get; } = new("3.4.2");

    /// <summary>Whether it behaves like 3.x: regex paths need <c>~</c>, metrics have their new names and are off until asked for.</summary>
    public bool IsThree => Version[0] == '3';

    /// <summary>The value of the Server and Via headers.</summary>
    public string ServerToken => "kong/" + Version;

    public static Flavour? Find(string version) => version switch
    {
        "2.8.5" => V285,
        "3.4.2" => V342,
        _ => null,
    };
}
