using System.Buffers;
using System.Buffers.Binary;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Idempotency.Keys;

/// <summary>
/// Writes the canonical form of a call's arguments: type-tagged, length- and count-framed, culture-invariant, the same on every
/// machine and in every release. Equal values give equal bytes and different values different ones.
/// </summary>
/// <remarks>
/// The form is an API: what it writes is stored. All numbers are little-endian. Text is UTF-8 where it is well-formed UTF-16
/// and its raw code units where it is not, so that strings compare ordinally, exactly as they are.
/// </remarks>
public ref partial struct KeyWriter
{
    private const int MaxDepth = 64;

    // A span in a field would be loaded as a whole right after its halves were stored, which processors wait for.
    private ref byte _buffer;
    private int _length;
    private byte[]? _rented;
    private readonly ref byte _header;
    private readonly int _headerLength;
    private int _position;
    private int _partsStart;
    private int _fingerprintStart;
    private int _depth;

    /// <summary>Starts a key.</summary>
    /// <param name="header">What the key starts with: <see cref="IdempotentOperation{TResult}.KeyHeader"/>.</param>
    /// <param name="buffer">Where to write, usually on the stack; a longer key moves to a pooled array.</param>
    public KeyWriter(ReadOnlySpan<byte> header, Span<byte> buffer)
    {
        _buffer = ref MemoryMarshal.GetReference(buffer);
        _length = buffer.Length;
        _header = ref MemoryMarshal.GetReference(header);
        _headerLength = header.Length;
        _fingerprintStart = -1;
        Reserve(header.Length);
        _partsStart = _position;
    }

    /// <summary>The key's bytes so far.</summary>
    public readonly ReadOnlySpan<byte> Key
    {
        get
        {
            // Not before somebody wants them: in memory the arguments are looked for alone.
            Header.CopyTo(Written(0, _headerLength));
            return Written(0, ArgumentsEnd);
        }
    }

    /// <summary>The bytes of the arguments that are not in the key; empty when all of them are.</summary>
    public readonly ReadOnlySpan<byte> FingerprintParts => _fingerprintStart < 0 ? [] : Written(_fingerprintStart, _position);

    /// <summary>What the key starts with.</summary>
    internal readonly ReadOnlySpan<byte> Header => MemoryMarshal.CreateReadOnlySpan(ref _header, _headerLength);

    /// <summary>The key's bytes after the header.</summary>
    internal readonly ReadOnlySpan<byte> Arguments => Written(_headerLength, ArgumentsEnd);

    private readonly int ArgumentsEnd => _fingerprintStart < 0 ? _position : _fingerprintStart;

    /// <summary>Everything added from here on belongs to the fingerprint.</summary>
    public void BeginFingerprint() => _fingerprintStart = _position;

    /// <summary>
    /// Checks, where arguments were chosen to be the key, that there is one: calls without a key must not share a record.
    /// </summary>
    /// <param name="operation">The operation, for the message.</param>
    /// <exception cref="ArgumentException">Every part of the key is <see langword="null"/> or an empty text.</exception>
    public readonly void RequireKey(string operation)
    {
        for (ReadOnlySpan<byte> parts = Written(_partsStart, ArgumentsEnd); !parts.IsEmpty;)
        {
            switch ((KeyTag)parts[0])
            {
                case KeyTag.Null or KeyTag.Uri: // a URI is its text, which follows
                    parts = parts[1..];
                    break;
                case KeyTag.Object or KeyTag.Part: // only a frame around what follows
                case KeyTag.Utf8Text when BinaryPrimitives.ReadInt32LittleEndian(parts[1..]) == 0:
                    parts = parts[(1 + sizeof(int))..];
                    break;
                default:
                    return;
            }
        }

        throw new ArgumentException(
            $"Operation '{operation}' was called without a key: what identifies the intent is null or empty. Calls without a key must not share " +
            "one; pass a key, or do not call the guarded method.");
    }

    /// <summary>Gives a pooled buffer back. The writer must not be used afterwards.</summary>
    public void Dispose()
    {
        var rented = _rented;
        this = default;
        if (rented is not null)
        {
            ArrayPool<byte>.Shared.Return(rented, clearArray: true); // arguments may be secrets
        }
    }

    /// <summary>Adds a composite value of <paramref name="members"/> members; add the members next, in their fixed order.</summary>
    public void BeginObject(int members) => Count(KeyTag.Object, members);

    /// <summary>
    /// Adds a composite value of a class that others may derive from. Only an instance of exactly <paramref name="expected"/> has
    /// the identity that its members say.
    /// </summary>
    /// <exception cref="ArgumentException">The value is of a derived type, whose own members would be missing from the key.</exception>
    public void BeginObject(object value, Type expected, int members)
    {
        ArgumentNullException.ThrowIfNull(value);
        if (value.GetType() != expected)
        {
            throw new ArgumentException(
                $"A key part declared as '{expected}' is a '{value.GetType()}', whose own members would be missing from the key, so " +
                $"that different values shared one record. Declare the derived type, seal '{expected}', or implement {nameof(IIdempotencyKeyPart)}.");
        }

        Count(KeyTag.Object, members);
    }

    /// <summary>Says that a value follows whose type can contain itself, until <see cref="EndNested"/>.</summary>
    /// <exception cref="ArgumentException">It is nested deeper than 64 levels, as a value that contains itself is.</exception>
    public void BeginNested()
    {
        if (++_depth > MaxDepth)
        {
            throw new ArgumentException($"A key part is nested deeper than {MaxDepth} levels; does it contain itself?");
        }
    }

    /// <summary>Ends what <see cref="BeginNested"/> began.</summary>
    public void EndNested() => _depth--;

    /// <summary>Adds a value that says itself what its identity is.</summary>
    public void AddPart<T>(T? part)
        where T : IIdempotencyKeyPart
    {
        if (part is null)
        {
            AddNull();
            return;
        }

        Reserve(1)[0] = (byte)KeyTag.Part;
        var length = ReserveLength();
        BeginNested();
        part.WriteTo(ref this);
        EndNested();
        PatchLength(length);
    }

    /// <summary>Adds a collection whose order counts.</summary>
    public void AddList<T>(IEnumerable<T>? items, KeyPartWriter<T> write)
    {
        ArgumentNullException.ThrowIfNull(write);
        if (items is null)
        {
            AddNull();
            return;
        }

        Reserve(1)[0] = (byte)KeyTag.List;
        var length = ReserveLength();
        BeginNested();
        var count = 0;
        foreach (var item in items)
        {
            write(ref this, item);
            count++;
        }

        EndNested();
        BinaryPrimitives.WriteInt32LittleEndian(Written(length, _position), count);
    }

    /// <summary>Adds a collection whose order does not count: the elements are sorted by their canonical bytes.</summary>
    public void AddSet<T>(IEnumerable<T>? items, KeyPartWriter<T> write)
    {
        ArgumentNullException.ThrowIfNull(write);
        AddSorted(KeyTag.Set, items, write);
    }

    /// <summary>Adds a dictionary: the entries are sorted by the canonical bytes of their keys.</summary>
    public void AddMap<TKey, TValue>(
        IEnumerable<KeyValuePair<TKey, TValue>>? items, KeyPartWriter<TKey> writeKey, KeyPartWriter<TValue> writeValue)
    {
        ArgumentNullException.ThrowIfNull(writeKey);
        ArgumentNullException.ThrowIfNull(writeValue);
        AddSorted(KeyTag.Map, items, (ref writer, entry) =>
        {
            writeKey(ref writer, entry.Key);
            writeValue(ref writer, entry.Value);
        });
    }

    private void AddSorted<T>(KeyTag tag, IEnumerable<T>? items, KeyPartWriter<T> write)
    {
        if (items is null)
        {
            AddNull();
            return;
        }

        Reserve(1)[0] = (byte)tag;
        var countAt = ReserveLength();
        BeginNested();
        var start = _position;
        var elements = new List<byte[]>();
        foreach (var item in items)
        {
            write(ref this, item);
            elements.Add(Written(start, _position).ToArray());
            _position = start;
        }

        EndNested();
        elements.Sort(static (left, right) => left.AsSpan().SequenceCompareTo(right));
        foreach (var element in elements)
        {
            element.CopyTo(Reserve(element.Length));
        }

        BinaryPrimitives.WriteInt32LittleEndian(Written(countAt, _position), elements.Count);
    }

    private void Count(KeyTag tag, int count)
    {
        var target = Reserve(1 + sizeof(int));
        target[0] = (byte)tag;
        BinaryPrimitives.WriteInt32LittleEndian(target[1..], count);
    }

    private int ReserveLength()
    {
        var at = _position;
        Reserve(sizeof(int));
        return at;
    }

    private readonly void PatchLength(int at) =>
        BinaryPrimitives.WriteInt32LittleEndian(Written(at, _position), _position - at - sizeof(int));

    /// <summary>What was written from one position to another.</summary>
    /// <exception cref="InvalidOperationException">They are not in the buffer: what writes a part has replaced or disposed the writer.</exception>
    private readonly Span<byte> Written(int start, int end) => (uint)start <= (uint)end && (uint)end <= (uint)_length
        ? MemoryMarshal.CreateSpan(ref Unsafe.Add(ref _buffer, start), end - start)
        : throw new InvalidOperationException("A part of the key was written with another writer than the one it was given, or after that was disposed.");

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private Span<byte> Reserve(int bytes)
    {
        var start = _position;
        if ((uint)(_length - start) < (uint)bytes)
        {
            Grow(bytes);
        }

        _position = start + bytes;
        return MemoryMarshal.CreateSpan(ref Unsafe.Add(ref _buffer, start), bytes); // there is room
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private void Grow(int bytes)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(bytes); // more than fits into an array, and its frame
        var larger = ArrayPool<byte>.Shared.Rent(Math.Max(checked(_position + bytes), checked(_length * 2)));
        Written(0, _position).CopyTo(larger);
        var old = _rented;
        _rented = larger;
        _buffer = ref MemoryMarshal.GetArrayDataReference(larger);
        _length = larger.Length;
        if (old is not null)
        {
            ArrayPool<byte>.Shared.Return(old, clearArray: true);
        }
    }
}
