namespace Idempotency.Storage.Files;

/// <summary>
/// The log that all processes write and every process reads: its lines in one order, and what they come to, in memory. Used by
/// one thread at a time; whoever appends holds the lock.
/// </summary>
/// <remarks>
/// The order of things is what makes it safe. Under the lock everything that others wrote is read before anything is decided, and
/// what is decided is written before the lock is given up. No answer leaves before the lines it rests on are on the disk, whoever
/// wrote them. A line that is not whole ends the log if it was never known to be whole, and is damage otherwise.
/// </remarks>
internal sealed partial class SharedLog : IDisposable
{
    public const string LockName = "lock";
    public const string StateName = "state";
    public const string CompactionLockName = "compaction.lock";

    private const int LeastBuffer = 1 << 16, LongestKeptBuffer = 1 << 22;

    /// <summary>Room on the disk is made in steps of this, so that lines seldom change a file's length.</summary>
    private const int RoomStep = 1 << 20;

    /// <summary>What is kept free for those who have to tell how they ended, when a full disk refuses new claims.</summary>
    private const int ReservedRoom = 1 << 18;

    private readonly string _directory;
    private readonly bool _isSynced;
    private readonly int _leastSegment;
    private readonly LogLock _lock;
    private readonly LogState _state;
    private readonly SortedList<int, LogSegment> _segments = [];
    private readonly List<(FileRecord New, FileRecord? Old)> _unwritten = [];
    private byte[] _buffer = new byte[LeastBuffer];
    private int _buffered;
    private LogSegment _active = null!;
    private int _end;
    private long _sequence;
    private LogPosition _syncedEnd;
    private long _synced;
    private bool _mustMove;

    /// <exception cref="IOException">The log cannot be used; the message says why.</exception>
    /// <exception cref="InvalidDataException">It is damaged, or of a later format.</exception>
    public SharedLog(string directory, FileDurability durability, int leastSegment)
    {
        _directory = directory;
        _isSynced = durability == FileDurability.PowerLoss;
        _leastSegment = leastSegment;
        _lock = new LogLock(Path.Combine(directory, LockName));
        try
        {
            _state = new LogState(Path.Combine(directory, StateName));
        }
        catch
        {
            _lock.Dispose(); // thrown on; only the handle must not stay behind
            throw;
        }
    }

    /// <summary>Called with every key whose record was changed, by this process or by others.</summary>
    public Action<KeyHash>? Changed { get; set; }

    /// <summary>The sequence number that the next line gets.</summary>
    public long NextSequence => _sequence + 1;

    /// <summary>The last line there is.</summary>
    public long LastLine => _sequence;

    /// <summary>The last line that is on the disk, as far as this process knows.</summary>
    public long Synced => Volatile.Read(ref _synced);

    public bool TryEnter() => _lock.TryEnter();

    public void Enter() => _lock.Enter();

    public void EnterSoon() => _lock.EnterSoon();

    public void Exit() => _lock.Exit();

    /// <summary>Makes sure that the lock, which this store holds, keeps others out.</summary>
    /// <exception cref="IOException">It does not.</exception>
    public void RequireLocks()
    {
        if (!_lock.KeepsOthersOut())
        {
            throw new IOException($"Locks do not lock in '{_directory}': the log could be locked twice. Choose a local file system.");
        }
    }

    /// <summary>Reads what others wrote since the last look.</summary>
    /// <exception cref="InvalidDataException">What they wrote is damaged.</exception>
    public void CatchUp()
    {
        if (_state.Active is not { } active)
        {
            throw new InvalidDataException($"'{Path.Combine(_directory, StateName)}' is empty.");
        }

        if (_segments.Count == 0)
        {
            Load(active);
        }

        while (_active.Number != active)
        {
            if (!TryFollow())
            {
                Load(active); // so far behind that what follows was compacted away
            }
        }

        ReadLines(until: null);
        if (_mustMove)
        {
            MoveOn(rescue: true);
        }
    }

    /// <summary>Makes sure that a new claim leaves room for those that have to be settled.</summary>
    /// <exception cref="IOException">The disk is full.</exception>
    public void ReserveRoom() => _active.Reserve((long)_end + _buffered + ReservedRoom, RoomStep);

    /// <summary>Makes this the key's record. It is written by <see cref="Write"/>, with all others of the same lock.</summary>
    /// <returns>The record with its place in the log.</returns>
    /// <exception cref="IOException">A new segment was needed and could not be made. Nothing was changed.</exception>
    public FileRecord Append(FileRecord record, ReadOnlyMemory<byte> payload)
    {
        var length = RecordLine.LengthOf(record, payload.Length);
        if (_end + (long)_buffered + length > Math.Max(SegmentCapacity, length + LogSegment.HeaderLength))
        {
            Write();
            MoveOn(rescue: false);
        }

        var line = Buffer(length);
        var at = RecordLine.Write(line, record, ++_sequence, payload.Span);
        record = record with
        {
            Sequence = _sequence,
            LineLength = length,
            PayloadAt = new LogPosition(_active.Number, _end + _buffered + at),
            PayloadLength = payload.Length,
        };
        record = record.IsEnded ? Index.Keep(record, payload.Span) : record;
        _buffered += length;
        _unwritten.Add((record, Index.Put(record)));
        return record;
    }

    /// <summary>Writes what was appended.</summary>
    /// <exception cref="IOException">It was not written, or not all of it, and the index is as it was before. What reached the file counts for whoever reads it next.</exception>
    public void Write()
    {
        if (_buffered == 0)
        {
            return;
        }

        try
        {
            _active.Reserve((long)_end + _buffered, RoomStep);
            _active.Write(_buffer.AsSpan(0, _buffered), _end);
        }
        catch (Exception failure)
        {
            Undo();
            // ulimit -f and the like come out as something else than what they are.
            throw failure as IOException ?? new IOException($"Could not write to '{_active.Path}': {failure.Message}", failure);
        }

        if (!_isSynced && _end / RoomStep != (_end + _buffered) / RoomStep)
        {
            _active.BeginSync(_end); // or the end of the segment would find all of it to do, while everybody waits
        }

        _end += _buffered;
        _buffered = 0;
        if (_buffer.Length > LongestKeptBuffer)
        {
            _buffer = new byte[LeastBuffer];
        }

        foreach (var (record, _) in _unwritten)
        {
            Changed?.Invoke(record.Key);
        }

        _unwritten.Clear();
        if (!_isSynced)
        {
            Remember();
        }
    }

    /// <summary>Puts everything that was written so far on the disk. Needs no lock.</summary>
    /// <exception cref="IOException">It may not be there. The log goes on in another file.</exception>
    public void Sync()
    {
        if (_synced == _sequence)
        {
            return;
        }

        try
        {
            if (_isSynced)
            {
                _active.Sync();
            }
        }
        catch (IOException)
        {
            _mustMove = true; // the file's pages count as clean now, and syncing it again would prove nothing
            throw;
        }

        Remember();
    }

    public void Dispose()
    {
        foreach (var segment in _segments.Values)
        {
            segment.Dispose();
        }

        _state.Dispose();
        _lock.Dispose();
    }

    private void Undo()
    {
        for (var i = _unwritten.Count - 1; i >= 0; i--)
        {
            var (record, old) = _unwritten[i];
            if (old is null)
            {
                Index.Remove(record.Key);
            }
            else
            {
                Index.Put(old);
            }
        }

        _sequence -= _unwritten.Count;
        _unwritten.Clear();
        _buffered = 0;
    }

    private void Remember()
    {
        _syncedEnd = new LogPosition(_active.Number, _end);
        _state.Mark(_syncedEnd, _isSynced); // before anybody hears of it
        Volatile.Write(ref _synced, _sequence);
    }

    private Span<byte> Buffer(int length)
    {
        if (_buffered + length > _buffer.Length)
        {
            Array.Resize(ref _buffer, Math.Max(_buffer.Length * 2, _buffered + length));
        }

        return _buffer.AsSpan(_buffered, length);
    }
}
