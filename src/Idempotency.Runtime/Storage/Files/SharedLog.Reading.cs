using System.Runtime.CompilerServices;
using System.Runtime.ExceptionServices;

namespace Idempotency.Storage.Files;

internal sealed partial class SharedLog
{
    private const int ReadAhead = 1 << 20;

    /// <summary>What others write between two looks is little; a buffer of this is no large object for the collector.</summary>
    private readonly LineReader _reader = new(1 << 16);

    /// <summary>Reads all segments that nobody writes to any more. Needs no lock; what it misses, <see cref="CatchUp"/> finds.</summary>
    public void LoadFinished()
    {
        try
        {
            if (_state.Active is { } active)
            {
                Load(active);
            }
        }
        catch (FileNotFoundException)
        {
            Clear(); // compacted away meanwhile; it is read again under the lock
        }
    }

    /// <summary>Reads all segments but the last, to which others may be writing.</summary>
    private void Load(int active)
    {
        Clear();
        var numbers = Directory.EnumerateFiles(_directory, "*" + LogSegment.Suffix)
            .Select(static path => LogSegment.NumberOf(Path.GetFileName(path)))
            .OfType<int>()
            .Where(number => number <= active)
            .Order()
            .ToList();
        var first = numbers.Count > 0 ? numbers[0] : active;
        if (numbers.Count != active - first + 1)
        {
            throw new InvalidDataException(
                $"The log in '{_directory}' has no file '{LogSegment.NameOf(Enumerable.Range(first, active - first + 1).Except(numbers).First())}'. " +
                "Restore the directory from a backup, or move it away: keys that were in it may then run again.");
        }

        var segments = Enumerable.Range(first, active - first + 1).Select(Open).ToList();
        try
        {
            // In any order: of two lines of a key, the index keeps the later one.
            Parallel.For(
                0,
                segments.Count - 1,
                static () => new LineReader(ReadAhead),
                (i, _, reader) =>
                {
                    LoadSegment(segments[i], segments[i + 1], reader);
                    return reader;
                },
                static _ => { });
        }
        catch (AggregateException failures)
        {
            ExceptionDispatchInfo.Throw(failures.InnerExceptions[0]);
        }

        Activate(segments[^1]);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)] // opens a store before the compiler could find out
    private void LoadSegment(LogSegment segment, LogSegment next, LineReader reader)
    {
        reader.Start(segment, LogSegment.HeaderLength, next.PreviousEnd);
        var sequence = segment.FirstSequence;
        var (records, bytes) = (0, 0L);
        for (; reader.Read(sequence); sequence++)
        {
            var (record, length) = LoadLine(segment, reader);
            records += record;
            bytes += length;
        }

        Index.Tally(records, bytes);
        if (reader.Offset < next.PreviousEnd || sequence > next.FirstSequence)
        {
            throw Damaged(segment, reader.Offset, "has no whole line");
        }

        reader.Rest();
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)] // opens a store before the compiler could find out
    private (int Records, long Bytes) LoadLine(LogSegment segment, LineReader reader)
    {
        if (!RecordLine.IsKnown(reader.Line))
        {
            throw Damaged(segment, reader.Offset, "has a line that is whole, but not one that this version knows");
        }

        return Index.Load(reader.Line, new LogPosition(segment.Number, reader.Offset));
    }

    /// <summary>Reads the active segment to its end and goes on to the next one.</summary>
    /// <returns><see langword="false"/> when the next one is not there.</returns>
    private bool TryFollow()
    {
        LogSegment next;
        try
        {
            next = Open(_active.Number + 1);
        }
        catch (FileNotFoundException)
        {
            return false;
        }

        ReadLines(until: next.PreviousEnd);
        if (_isSynced && !_isLoading)
        {
            // Whoever made it may have died before it was there for good.
            LibC.SyncDirectory(_directory);
            _state.Sync();
        }

        Activate(next);
        return true;
    }

    private LogSegment Open(int number)
    {
        if (!_segments.TryGetValue(number, out var segment))
        {
            segment = LogSegment.Open(_directory, number);
            _segments.Add(number, segment);
        }

        return segment;
    }

    private void Activate(LogSegment segment)
    {
        if (segment.FirstSequence <= _sequence)
        {
            throw Damaged(segment, LogSegment.HeaderLength, $"begins with line {segment.FirstSequence}, which the segment before it has already");
        }

        _active = segment;
        _end = LogSegment.HeaderLength;
        _sequence = segment.FirstSequence - 1;
        _syncedEnd = new LogPosition(segment.Number, _end);
        Volatile.Write(ref _synced, _sequence); // a segment is begun when everything before it is on the disk
    }

    private void Clear()
    {
        foreach (var segment in _segments.Values)
        {
            segment.Dispose();
        }

        _segments.Clear();
        Index = new RecordIndex();
        _sequence = 0;
    }

    /// <summary>Reads the active segment's lines up to its end, or to where nobody has written yet.</summary>
    private void ReadLines(int? until)
    {
        Span<byte> header = stackalloc byte[RecordLine.HeaderLength];
        if (until is null && (_active.Read(header, _end) < header.Length || RecordLine.LengthAt(header) == 0) && !_isLoading)
        {
            return;
        }

        _reader.Start(_active, _end, until);
        while (_reader.Read(_sequence + 1))
        {
            var (records, bytes) = LoadLine(_active, _reader);
            Index.Tally(records, bytes);
            Changed?.Invoke(RecordLine.KeyAt(_reader.Line));
            _sequence++;
            _end += _reader.Line.Length;
        }

        if (until is null)
        {
            EndHere(isEmpty: !_reader.IsBroken);
        }
        else if (_end < until)
        {
            throw Damaged(_active, _end, "has no whole line");
        }

        _reader.Rest();
    }

    /// <summary>The log ends here: nothing was written yet, or a line was cut short. Unless it was whole once.</summary>
    private void EndHere(bool isEmpty)
    {
        if ((!isEmpty || _isLoading) && _state.WasWhole(new LogPosition(_active.Number, _end)))
        {
            throw Damaged(_active, _end, "has no whole line, and had one");
        }

        if (!isEmpty)
        {
            _active.Cut(_end);
        }
    }

    private static InvalidDataException Damaged(LogSegment segment, long offset, string what) => new(
        $"'{segment.Path}' is damaged: at byte {offset} it {what}. Nothing was changed. Restore the directory from a backup, or move it away: keys that were in it may then run again.");
}
