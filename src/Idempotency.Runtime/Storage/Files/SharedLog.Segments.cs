namespace Idempotency.Storage.Files;

internal sealed partial class SharedLog
{
    private const int LongestSegment = 1 << 28;
    private const int CompactionSlice = 1 << 17;

    private readonly LineReader _copied = new(CompactionSlice);

    private bool _isLoading = true;
    private LogPosition _compactedTo;
    private long _compactedWith;

    /// <summary>All bytes of the log, those that nobody needs any more included.</summary>
    public long Length => _segments.Values.Skip(1).Sum(static segment => (long)segment.PreviousEnd) + _end;

    /// <summary>Whether so much of the log is out of date that copying the rest is worth it.</summary>
    public bool WantsCompaction => _segments.Count > 1 && Length > (Index.LiveBytes * 7 / 4) + SegmentCapacity;

    /// <summary>A segment is an eighth of what is alive, so that compaction needs little room more.</summary>
    private long SegmentCapacity => Math.Clamp(Index.LiveBytes / 8, _leastSegment, LongestSegment);

    /// <summary>Begins the log, or reads what is there, and puts it on the disk before anything is answered from it.</summary>
    public void Start()
    {
        if (_state.Active is null)
        {
            Initialize();
        }

        CatchUp();
        foreach (var path in Directory.EnumerateFiles(_directory))
        {
            // What was begun and not finished by somebody who holds the lock no longer.
            if (path.EndsWith(LogSegment.UnfinishedSuffix, StringComparison.Ordinal) || LogSegment.NumberOf(Path.GetFileName(path)) > _active.Number)
            {
                File.Delete(path);
            }
        }

        if (!_active.IsEmptyBehind(_end))
        {
            _active.Cut(_end); // what a power cut left there must never follow a line that is written now
        }

        LibC.SyncDirectory(_directory);
        _state.Sync();
        _active.Sync();
        Remember();
        _isLoading = false;
    }

    /// <summary>Copies a little of the oldest segment's living lines to the end, and removes it when none are left there.</summary>
    /// <returns>Whether there is more to do.</returns>
    public bool CompactSome(long now)
    {
        if (_segments.Count < 2)
        {
            return false;
        }

        var (oldest, end) = (_segments.Values[0], _segments.Values[1].PreviousEnd);
        if (_compactedTo.Segment != oldest.Number)
        {
            _compactedTo = new LogPosition(oldest.Number, LogSegment.HeaderLength);
            _copied.Start(oldest, LogSegment.HeaderLength, end);
        }

        if (_compactedTo.Offset < end)
        {
            CopyLiving(oldest, end, now);
            _compactedWith = _sequence;
            return true;
        }

        if (_synced < _compactedWith)
        {
            return true; // the copies have to be on the disk first
        }

        if (!_isSynced)
        {
            SyncActive(); // a power cut may cost what is new, not what is old and was only copied
        }

        File.Delete(oldest.Path);
        Drop(oldest);
        _copied.Rest();
        return WantsCompaction;
    }

    /// <summary>Closes segments that another process has removed. What was alive there has been read from its copy.</summary>
    public void CloseRemoved()
    {
        while (_segments.Count > 1 && !File.Exists(_segments.Values[0].Path))
        {
            Drop(_segments.Values[0]);
        }
    }

    private void CopyLiving(LogSegment oldest, int end, long now)
    {
        for (var copied = 0; copied < CompactionSlice && _copied.Read(sequence: null); copied += _copied.Line.Length)
        {
            var record = Index.Find(RecordLine.KeyAt(_copied.Line));
            if (record?.Sequence == RecordLine.SequenceAt(_copied.Line) && !record.IsExpired(now))
            {
                Copy(record, _copied.Line);
            }

            _compactedTo = _compactedTo with { Offset = _copied.Offset + _copied.Line.Length };
        }

        if (_copied.IsBroken)
        {
            throw Damaged(oldest, _compactedTo.Offset, "has no whole line, and had one");
        }
    }

    private void Copy(FileRecord record, ReadOnlySpan<byte> line)
    {
        if (_end + (long)_buffered + line.Length > Math.Max(SegmentCapacity, line.Length + LogSegment.HeaderLength))
        {
            Write();
            MoveOn(rescue: false);
        }

        var copy = Buffer(line.Length);
        line.CopyTo(copy);
        RecordLine.Seal(copy, ++_sequence);
        var moved = record with
        {
            Sequence = _sequence,
            PayloadAt = new LogPosition(_active.Number, _end + _buffered + (record.PayloadAt.Offset - _copied.Offset)),
        };
        _buffered += line.Length;
        _unwritten.Add((moved, Index.Put(moved)));
    }

    private void Initialize()
    {
        // A store that was begun and not finished has nothing in it; one with lines and without its state has lost a file.
        if (Directory.EnumerateFiles(_directory, "*" + LogSegment.Suffix).Any(path => new FileInfo(path).Length > LogSegment.HeaderLength))
        {
            throw new InvalidDataException(
                $"'{Path.Combine(_directory, StateName)}' is missing or empty, and there are records. Restore it from a backup, or move the directory away: keys that were in it may then run again.");
        }

        using var first = LogSegment.Begin(_directory, number: 1, firstSequence: 1, previousEnd: 0);
        first.Publish(_directory);
        _state.SetActive(1);
        _state.Sync();
    }

    /// <summary>Goes on in a new segment, which is on the disk before anybody sees it.</summary>
    /// <param name="rescue">
    /// Whether the active segment cannot be put on the disk: what was never synced there is then written again, and counts only here.
    /// </param>
    private void MoveOn(bool rescue)
    {
        var (sequence, previousEnd) = (_sequence, _end);
        if (rescue)
        {
            previousEnd = _syncedEnd.Offset;
        }
        else
        {
            SyncActive(); // in any mode: whoever reads a segment that has a successor may trust it
        }

        var next = LogSegment.Begin(_directory, _active.Number + 1, _sequence + 1, previousEnd);
        var end = LogSegment.HeaderLength;
        var moved = new List<FileRecord>();
        try
        {
            if (rescue)
            {
                foreach (var record in Index.Where((in RecordEntry entry) => entry.Sequence > _synced))
                {
                    moved.Add(Rescue(record, next, ref end));
                }
            }

            next.Reserve(end + RoomStep, RoomStep);
            next.Publish(_directory);
            _state.SetActive(next.Number);
            _state.Sync();
        }
        catch
        {
            // Thrown on. If others see the new segment already, so will this process at its next look.
            _sequence = sequence;
            next.Dispose();
            throw;
        }

        _segments[next.Number] = next;
        _active = next;
        _end = end;
        foreach (var record in moved)
        {
            Index.Put(record);
        }

        _mustMove = false;
        Remember();
    }

    private void SyncActive()
    {
        try
        {
            _active.Sync();
        }
        catch (IOException)
        {
            _mustMove = true; // see Sync
            throw;
        }
    }

    private FileRecord Rescue(FileRecord record, LogSegment next, ref int end)
    {
        var payload = PayloadOf(record);
        var line = new byte[record.LineLength];
        var at = RecordLine.Write(line, record, ++_sequence, payload.Span);
        next.Write(line, end);
        var rescued = record with { Sequence = _sequence, PayloadAt = new LogPosition(next.Number, end + at) };
        end += line.Length;
        return rescued;
    }

    private void Drop(LogSegment segment)
    {
        _segments.Remove(segment.Number);
        segment.Dispose();
    }
}
