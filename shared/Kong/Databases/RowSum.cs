using System.Globalization;
using System.Numerics;
using System.Security.Cryptography;
using System.Text;

namespace KongUpgradeMesh.Kong.Databases;

/// <summary>Number of rows and the sum of their 128-bit digests.</summary>
internal readonly record struct RowSum(long Rows, BigInteger Total)
{
    private static readonly BigInteger Modulus = BigInteger.One << (8 * FingerprintSql.DigestBytes);

    public static RowSum operator +(RowSum a, RowSum b) => new(a.Rows + b.Rows, a.Total + b.Total);

    /// <summary>Puts the sums of the digests' single bytes together, the most significant first.</summary>
    public static RowSum OfBytes(long rows, IEnumerable<long> bytes) =>
        new(rows, bytes.Aggregate(BigInteger.Zero, static (total, next) => (total << 8) + next));

    /// <summary>32 hexadecimal digits. The column names are one more "row": a table that lost a column differs even when it is empty.</summary>
    public string Digest(IEnumerable<string> columns)
    {
        var names = SHA256.HashData(Encoding.UTF8.GetBytes(string.Join('\0', columns)));
        var total = (Total + new BigInteger(names.AsSpan(0, FingerprintSql.DigestBytes), isUnsigned: true, isBigEndian: true)) % Modulus;
        return ((UInt128)total).ToString("x32", CultureInfo.InvariantCulture);
    }
}
