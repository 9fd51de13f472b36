using Microsoft.Win32.SafeHandles;

namespace KongUpgradeMesh.MonitorAgent.Sources.Balancers.Nginx;

/// <summary>What one opened log file gains, line by line, also after it was given another name. Not safe for several threads.</summary>
internal sealed class LogTail : IDisposable
{
    // A line of the format is some dozens of bytes; of what is longer than this only the beginning is handed out.
    private const int LongestLine = 64 * 1024;

    private readonly byte[] _buffer = new byte[LongestLine];
    private readonly SafeFileHandle _file;
    private readonly string? _name;
    private long _position;
    private int _held;
    private bool _inLine;

    private LogTail(SafeFileHandle file)
    {
        _file = file;
        _name = CurrentName;
    }

    /// <summary>Takes one line without its line feed.</summary>
    internal delegate void TakeLogLine(ReadOnlySpan<byte> line);

    /// <summary>Whether the file has another name than when it was opened, or none any more: it was rotated away.</summary>
    public bool IsMoved => CurrentName != _name;

    // Of an open file Linux tells the name that it has now.
    private string? CurrentName => new FileInfo($"/proc/self/fd/{_file.DangerousGetHandle()}").LinkTarget;

    /// <summary>Opens a file that others write.</summary>
    /// <param name="path">The file.</param>
    /// <param name="atEnd">Whether what it holds already is left out, the rest of a begun line included.</param>
    /// <exception cref="IOException">It is not there, or cannot be opened.</exception>
    /// <exception cref="UnauthorizedAccessException">It may not be read, or is a directory.</exception>
    /// <exception cref="NotSupportedException">It is a pipe or a device, of which nothing can be read twice.</exception>
    public static LogTail Open(string path, bool atEnd)
    {
        var tail = new LogTail(File.OpenHandle(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete));
        try
        {
            if (RandomAccess.GetLength(tail._file) is > 0 and var length && atEnd)
            {
                Span<byte> last = stackalloc byte[1];
                tail._position = length;
                tail._inLine = RandomAccess.Read(tail._file, last, length - 1) == 1 && last[0] != (byte)'\n';
            }

            return tail;
        }
        catch
        {
            tail.Dispose();
            throw;
        }
    }

    /// <summary>Reads what is new.</summary>
    /// <param name="take">Takes each whole line.</param>
    /// <param name="most">Bytes to read at the most, about.</param>
    /// <returns>How many were read.</returns>
    /// <exception cref="IOException">The file cannot be read.</exception>
    public long Read(TakeLogLine take, long most)
    {
        if (RandomAccess.GetLength(_file) < _position)
        {
            // Emptied in place; what it held before is known.
            (_position, _held, _inLine) = (0, 0, false);
        }

        long total = 0;
        int read;
        while (total < most && (read = RandomAccess.Read(_file, _buffer.AsSpan(_held), _position)) > 0)
        {
            _position += read;
            total += read;
            TakeLines(take, _held + read);
        }

        return total;
    }

    /// <inheritdoc/>
    public void Dispose() => _file.Dispose();

    private void TakeLines(TakeLogLine take, int filled)
    {
        var rest = _buffer.AsSpan(0, filled);
        int end;
        while ((end = rest.IndexOf((byte)'\n')) >= 0)
        {
            if (!_inLine)
            {
                take(rest[..end]);
            }

            rest = rest[(end + 1)..];
            _inLine = false;
        }

        if (rest.Length == LongestLine)
        {
            if (!_inLine)
            {
                take(rest);
            }

            rest = [];
            _inLine = true;
        }

        rest.CopyTo(_buffer);
        _held = rest.Length;
    }
}
