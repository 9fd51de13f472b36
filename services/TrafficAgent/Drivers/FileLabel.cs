using System.Security.Cryptography;
using System.Text;

namespace KongUpgradeMesh.TrafficAgent.Drivers;

/// <summary>A name for the file of something whose own name does not fit one: the same for whoever of a host asks, and short.</summary>
internal static class FileLabel
{
    private const int Length = 16;

    /// <summary>The label: lower-case hexadecimal digits.</summary>
    /// <param name="identity">What tells the thing from all others.</param>
    public static string Of(string identity) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(identity)))[..Length];
}
