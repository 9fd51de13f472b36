namespace KongUpgradeMesh.Kong.Admin;

/// <summary>Makes clients for the nodes of both clusters. Each request is bounded: 3 seconds per try, 10 seconds in all; only reads are tried again.</summary>
public interface IKongApis
{
    /// <summary>A client for the Admin API at <paramref name="address"/>.</summary>
    /// <param name="address">Root of the API, for example <c>http://10.0.0.5:8001</c>.</param>
    IKongAdminApi Admin(Uri address);

    /// <summary>A client for the Status API at <paramref name="address"/>.</summary>
    /// <param name="address">Root of the API, for example <c>http://10.0.0.5:8100</c>.</param>
    IKongStatusApi Status(Uri address);
}
