using Npgsql;
using NpgsqlTypes;

namespace KongUpgradeMesh.Messaging;

/// <summary>Typed positional parameters: null keeps its type, and times are always UTC.</summary>
internal static class Parameters
{
    public static NpgsqlParameterCollection Uuid(this NpgsqlParameterCollection parameters, Guid? value) =>
        parameters.With(NpgsqlDbType.Uuid, value);

    public static NpgsqlParameterCollection Text(this NpgsqlParameterCollection parameters, string? value) =>
        parameters.With(NpgsqlDbType.Text, value);

    public static NpgsqlParameterCollection Address(this NpgsqlParameterCollection parameters, Uri? value) =>
        parameters.With(NpgsqlDbType.Text, value?.ToString());

    public static NpgsqlParameterCollection Jsonb(this NpgsqlParameterCollection parameters, string value) =>
        parameters.With(NpgsqlDbType.Jsonb, value);

    public static NpgsqlParameterCollection Integer(this NpgsqlParameterCollection parameters, int value) =>
        parameters.With(NpgsqlDbType.Integer, value);

    public static NpgsqlParameterCollection BigInteger(this NpgsqlParameterCollection parameters, long value) =>
        parameters.With(NpgsqlDbType.Bigint, value);

    public static NpgsqlParameterCollection Time(this NpgsqlParameterCollection parameters, DateTimeOffset? value) =>
        parameters.With(NpgsqlDbType.TimestampTz, value?.UtcDateTime);

    public static NpgsqlParameterCollection Array<T>(this NpgsqlParameterCollection parameters, NpgsqlDbType element, IEnumerable<T>? values) =>
        parameters.With(NpgsqlDbType.Array | element, values?.ToArray());

    private static NpgsqlParameterCollection With(this NpgsqlParameterCollection parameters, NpgsqlDbType type, object? value)
    {
        parameters.Add(new NpgsqlParameter { NpgsqlDbType = type, Value = value ?? DBNull.Value });
        return parameters;
    }
}
