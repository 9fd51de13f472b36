using Npgsql;

namespace KongUpgradeMesh.Kong.Databases;

/// <summary>The digests of a table's rows in the order of the key, one row at a time.</summary>
internal sealed class RowStream : IAsyncDisposable
{
    private const int StatementSeconds = 1800;
    private readonly NpgsqlCommand _command;
    private readonly NpgsqlDataReader _reader;
    private readonly int _keyParts;
    private bool _ended;

    private RowStream(NpgsqlCommand command, NpgsqlDataReader reader, int keyParts) => (_command, _reader, _keyParts) = (command, reader, keyParts);

    /// <summary>The key's parts of the current row as bytes; without a key the digest stands for it.</summary>
    public byte[][] Key { get; private set; } = [];

    /// <summary>The digests of the current row.</summary>
    public byte[][] Digests { get; private set; } = [];

    /// <summary>Starts the statement; its rows must begin with the key's parts, all columns being <c>bytea</c>.</summary>
    /// <exception cref="Contracts.StepFailedException">A database failure.</exception>
    public static async Task<RowStream> OpenAsync(
        NpgsqlConnection connection, string sql, int keyParts, IReadOnlyList<object> values, CancellationToken cancellationToken)
    {
        var command = connection.CreateCommand();
        try
        {
#pragma warning disable CA2100 // Names come from the catalogue and are quoted.
            command.CommandText = sql;
#pragma warning restore CA2100
            command.CommandTimeout = StatementSeconds;
            foreach (var value in values)
            {
                command.Parameters.Add(new NpgsqlParameter { Value = value });
            }

            return new RowStream(command, await command.ExecuteReaderAsync(cancellationToken), keyParts);
        }
        catch (Exception exception)
        {
            await command.DisposeAsync();
            if (exception is NpgsqlException refused)
            {
                throw DatabaseFailures.Of(refused, $"database {connection.Database} at {connection.Host}:{connection.Port}");
            }

            throw;
        }
    }

    /// <summary>Goes to the next row; false when there is none.</summary>
    /// <exception cref="Contracts.StepFailedException">A database failure.</exception>
    public async ValueTask<bool> MoveNextAsync(CancellationToken cancellationToken)
    {
        try
        {
            if (_ended || !await _reader.ReadAsync(cancellationToken))
            {
                _ended = true;
                return false;
            }
        }
        catch (NpgsqlException exception)
        {
            _ended = true;
            var connection = _command.Connection!;
            throw DatabaseFailures.Of(exception, $"database {connection.Database} at {connection.Host}:{connection.Port}");
        }

        var columns = Enumerable.Range(0, _reader.FieldCount).Select(_reader.GetFieldValue<byte[]>).ToArray();
        Digests = columns[_keyParts..];
        Key = _keyParts == 0 ? Digests : columns[.._keyParts];
        return true;
    }

    /// <summary>Order of two streams' current keys.</summary>
    public static int Compare(byte[][] a, byte[][] b)
    {
        for (var part = 0; part < a.Length; part++)
        {
            if (a[part].AsSpan().SequenceCompareTo(b[part]) is var order and not 0)
            {
                return order;
            }
        }

        return 0;
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        if (!_ended)
        {
            // Closing a reader reads on to its end, which can be far away.
            _command.Cancel();
        }

        await _reader.DisposeAsync();
        await _command.DisposeAsync();
    }
}
