namespace KongUpgradeMesh.MonitorAgent.Recordings;

/// <summary>One file of a recording, written line by line; every line is handed to the system at once, so that a killed process loses at most one.</summary>
internal sealed class RecordingFile : IAsyncDisposable
{
    private readonly FileStream _stream;

    private RecordingFile(FileStream stream) => _stream = stream;

    public string Path => _stream.Name;

    public long Length { get; private set; }

    /// <summary>Begins a file that must not exist yet.</summary>
    public static async Task<RecordingFile> CreateAsync(string path, RecordingHeader header)
    {
        var file = new RecordingFile(new FileStream(path, FileMode.CreateNew, FileAccess.Write, FileShare.Read, bufferSize: 0, FileOptions.Asynchronous));
        await file.WriteAsync(RecordingFormat.Header(header));
        return file;
    }

    public Task AddAsync(RecordedTick tick) => WriteAsync(RecordingFormat.Interval(tick));

    public ValueTask DisposeAsync() => _stream.DisposeAsync();

    private async Task WriteAsync(byte[] bytes)
    {
        await _stream.WriteAsync(bytes);
        Length += bytes.Length;
    }
}
