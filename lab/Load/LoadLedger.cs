namespace KongUpgradeMesh.Lab.Load;

/// <summary>Keeps the count of everything. Safe for many threads.</summary>
/// <param name="clock">Says when things happen.</param>
internal sealed class LoadLedger(TimeProvider clock)
{
    private const int KeptFailures = 50;

    private readonly Lock _gate = new();
    private readonly DateTimeOffset _startedAt = clock.GetUtcNow();
    private readonly Dictionary<int, long> _statuses = [];
    private readonly List<LoadSecond> _seconds = [];
    private readonly List<LoadFailure> _failures = [];
    private readonly Dictionary<string, DateTimeOffset> _onYSince = [];
    private readonly List<(string Client, DateTimeOffset EndedAt)> _movedBack = [];
    private readonly LatencyHistogram _latencyX = new();
    private readonly LatencyHistogram _latencyY = new();
    private (long Total, long Failed, long FailedX, long FailedY, long X, long Y, long Skipped) _sum;
    private DateTimeOffset? _firstFailureAt;
    private DateTimeOffset? _lastFailureAt;
    private bool _rollingBack;

    public void Skip()
    {
        lock (_gate)
        {
            _sum.Skipped++;
        }
    }

    /// <summary>From now on clients may move to X, and those that did since <paramref name="begunAt"/> were right to.</summary>
    /// <remarks>A request under way at <paramref name="begunAt"/> may have been sent to X because of the rollback: its end decides.</remarks>
    public void DeclareRollback(DateTimeOffset begunAt)
    {
        lock (_gate)
        {
            _rollingBack = true;
            _onYSince.Clear();
            _movedBack.RemoveAll(m => m.EndedAt >= begunAt);
        }
    }

    /// <summary>From now on clients move from X to Y only.</summary>
    public void DeclareShift()
    {
        lock (_gate)
        {
            _rollingBack = false;
        }
    }

    public void Add(LoadClient client, LoadRequest request, LoadAnswer answer, DateTimeOffset began, TimeSpan took)
    {
        var reason = answer.Error ?? (request.Expected.Contains(answer.Status) ? null : $"status {answer.Status}");
        lock (_gate)
        {
            _sum.Total++;
            _statuses[answer.Status] = _statuses.GetValueOrDefault(answer.Status) + 1;
            AddSide(answer.Side, took, reason is not null);
            AddSecond(answer.Side, began, reason is not null);
            AddMove(client.Key, answer.Side, began, began + took);
            if (reason is not null)
            {
                AddFailure(new LoadFailure(began, client.Key, $"{request.Method} {request.Path}", reason, answer.Side));
            }
        }
    }

    public LoadReport Snapshot()
    {
        lock (_gate)
        {
            return new LoadReport
            {
                StartedAt = _startedAt,
                Duration = clock.GetUtcNow() - _startedAt,
                Total = _sum.Total,
                Failed = _sum.Failed,
                FailedX = _sum.FailedX,
                FailedY = _sum.FailedY,
                RequestsX = _sum.X,
                RequestsY = _sum.Y,
                Skipped = _sum.Skipped,
                Statuses = new Dictionary<int, long>(_statuses),
                Seconds = [.. _seconds],
                MovedBack = [.. _movedBack.Select(static m => m.Client).Distinct()],
                Failures = [.. _failures],
                FirstFailureAt = _firstFailureAt,
                LastFailureAt = _lastFailureAt,
                LatencyX = _latencyX.Summarize(),
                LatencyY = _latencyY.Summarize(),
            };
        }
    }

    private void AddSide(string? side, TimeSpan took, bool failed)
    {
        switch (side)
        {
            case "x":
                _sum.X++;
                _sum.FailedX += failed ? 1 : 0;
                _latencyX.Add(took);
                break;
            case "y":
                _sum.Y++;
                _sum.FailedY += failed ? 1 : 0;
                _latencyY.Add(took);
                break;
            default:
                break;
        }
    }

    private void AddSecond(string? side, DateTimeOffset began, bool failed)
    {
        var second = Math.Max(0, (int)(began - _startedAt).TotalSeconds);
        while (_seconds.Count <= second)
        {
            _seconds.Add(new LoadSecond(_seconds.Count, 0, 0, 0));
        }

        var old = _seconds[second];
        _seconds[second] = old with { X = old.X + (side == "x" ? 1 : 0), Y = old.Y + (side == "y" ? 1 : 0), Failed = old.Failed + (failed ? 1 : 0) };
    }

    private void AddMove(string client, string? side, DateTimeOffset began, DateTimeOffset ended)
    {
        if (_rollingBack)
        {
            return;
        }

        if (side == "y")
        {
            _onYSince[client] = _onYSince.TryGetValue(client, out var known) && known < ended ? known : ended;
        }
        else if (side == "x" && _onYSince.TryGetValue(client, out var onY) && began > onY)
        {
            // Only what began after an answer from Y was complete surely came later.
            _movedBack.Add((client, ended));
        }
    }

    private void AddFailure(LoadFailure failure)
    {
        _sum.Failed++;
        _firstFailureAt = _firstFailureAt is { } first && first < failure.At ? first : failure.At;
        _lastFailureAt = _lastFailureAt is { } last && last > failure.At ? last : failure.At;
        if (_failures.Count < KeptFailures)
        {
            _failures.Add(failure);
        }
    }
}
