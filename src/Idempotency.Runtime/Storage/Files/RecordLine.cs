using System.Buffers.Binary;
using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Text;

namespace Idempotency.Storage.Files;

/// <summary>
/// A record as one line of the log, format 1: a fixed part, then the ended tokens, the fingerprint, the operation and the payload,
/// zeros up to a multiple of 8. Little-endian.
/// </summary>
/// <remarks>
/// The checksum (CRC-32C) is over everything after it, the sequence number included, so that what an earlier life of the same bytes
/// left behind is not mistaken for a line.
/// </remarks>
internal static class RecordLine
{
    /// <summary>The bytes of a line that say how long it is and whether it is whole.</summary>
    public const int HeaderLength = 16;

    public const int FixedLength = 128;

    /// <summary>The longest line: a payload of 1 GiB, the most a result may have, with everything around it.</summary>
    public const int MaxLength = (1 << 30) + (1 << 20);

    private const int TokenLength = 16;
    private const byte GivenUp = 1;

    public static int LengthOf(FileRecord record, int payloadLength) =>
        (int)Align(FixedLength + (record.Dead.Length * TokenLength) + record.Fingerprint.Length + Encoding.UTF8.GetByteCount(record.Operation) + payloadLength);

    /// <summary>Writes a line with this sequence number into <paramref name="line"/>, which has the line's length.</summary>
    /// <returns>Where in the line the payload begins.</returns>
    public static int Write(Span<byte> line, FileRecord record, long sequence, ReadOnlySpan<byte> payload)
    {
        line.Clear();
        BinaryPrimitives.WriteInt32LittleEndian(line, line.Length);
        line[16] = 1;
        line[17] = (byte)record.State;
        line[18] = record.IsGivenUp ? GivenUp : (byte)0;
        line[19] = (byte)record.Dead.Length;
        BinaryPrimitives.WriteUInt16LittleEndian(line[20..], (ushort)record.Fingerprint.Length);
        BinaryPrimitives.WriteInt32LittleEndian(line[24..], record.Attempt);
        BinaryPrimitives.WriteInt32LittleEndian(line[28..], payload.Length);
        record.Key.Write(line[32..]);
        BinaryPrimitives.WriteInt64LittleEndian(line[64..], record.Version);
        BinaryPrimitives.WriteInt64LittleEndian(line[72..], record.Fence);
        WriteToken(line[80..], record.Token);
        BinaryPrimitives.WriteUInt64LittleEndian(line[96..], record.Process.Value);
        BinaryPrimitives.WriteInt64LittleEndian(line[104..], record.StartedAt);
        BinaryPrimitives.WriteInt64LittleEndian(line[112..], record.ExpiresAt);
        BinaryPrimitives.WriteInt64LittleEndian(line[120..], record.DoubtSince);
        var at = FixedLength;
        foreach (var token in record.Dead)
        {
            WriteToken(line[at..], token);
            at += TokenLength;
        }

        record.Fingerprint.CopyTo(line[at..]);
        at += record.Fingerprint.Length;
        var operation = Encoding.UTF8.GetBytes(record.Operation, line[at..]);
        BinaryPrimitives.WriteUInt16LittleEndian(line[22..], checked((ushort)operation));
        at += operation;
        payload.CopyTo(line[at..]);
        Seal(line, sequence);
        return at;
    }

    /// <summary>Gives a whole line another place in the log.</summary>
    public static void Seal(Span<byte> line, long sequence)
    {
        BinaryPrimitives.WriteInt64LittleEndian(line[8..], sequence);
        BinaryPrimitives.WriteUInt32LittleEndian(line[4..], Checksum(line[8..]));
    }

    /// <summary>How long the line says it is; zero where nothing was written.</summary>
    public static int LengthAt(ReadOnlySpan<byte> header) => BinaryPrimitives.ReadInt32LittleEndian(header);

    public static long SequenceAt(ReadOnlySpan<byte> header) => BinaryPrimitives.ReadInt64LittleEndian(header[8..]);

    public static KeyHash KeyAt(ReadOnlySpan<byte> line) => KeyHash.Read(line[32..]);

    /// <summary>Whether a line may have this length at all, before any memory is spent on it.</summary>
    public static bool IsPossible(int length) => length is >= FixedLength and <= MaxLength && length % 8 == 0;

    /// <summary>Whether the line is whole, and the one that belongs here.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)] // opens a store before the compiler could find out
    public static bool IsWhole(ReadOnlySpan<byte> line, long sequence) =>
        LengthAt(line) == line.Length
        && SequenceAt(line) == sequence
        && BinaryPrimitives.ReadUInt32LittleEndian(line[4..]) == Checksum(line[8..]);

    /// <summary>Reads a whole line that begins at <paramref name="position"/> into the index; the payload stays where it is.</summary>
    /// <exception cref="InvalidDataException">The line is whole, and says what no version that this one knows writes.</exception>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)] // opens a store before the compiler could find out
    public static void Unpack(ReadOnlySpan<byte> line, LogPosition position, OperationNames operations, ref RecordEntry entry)
    {
        var (dead, fingerprint, operation) = Parts(line);
        var payload = BinaryPrimitives.ReadInt32LittleEndian(line[28..]);
        var at = FixedLength + dead;
        entry.State = (RecordState)line[17];
        entry.IsGivenUp = line[18] == GivenUp;
        entry.Attempt = BinaryPrimitives.ReadInt32LittleEndian(line[24..]);
        var version = BinaryPrimitives.ReadInt64LittleEndian(line[64..]);
        entry.ResultAt = entry.Version == version ? entry.ResultAt : 0; // copied to elsewhere in the log, it has the same result
        entry.Version = version;
        entry.Fence = BinaryPrimitives.ReadInt64LittleEndian(line[72..]);
        entry.Token = ReadToken(line[80..]);
        entry.Process = BinaryPrimitives.ReadUInt64LittleEndian(line[96..]);
        entry.StartedAt = BinaryPrimitives.ReadInt64LittleEndian(line[104..]);
        entry.Until = BinaryPrimitives.ReadInt64LittleEndian(entry.State == RecordState.InDoubt ? line[120..] : line[112..]);
        entry.Set(ReadDead(line[FixedLength..at]), fingerprint == 0 ? [] : line.Slice(at, fingerprint).ToArray());
        entry.Operation = operations.IdOf(line.Slice(at + fingerprint, operation));
        entry.Sequence = SequenceAt(line);
        (entry.PayloadSegment, entry.PayloadOffset) = (position.Segment, position.Offset + at + fingerprint + operation);
        (entry.PayloadLength, entry.LineLength) = (payload, line.Length);
    }

    /// <summary>Whether a whole line says what this version understands.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)] // opens a store before the compiler could find out
    public static bool IsKnown(ReadOnlySpan<byte> line)
    {
        var (dead, fingerprint, operation) = Parts(line);
        var payload = BinaryPrimitives.ReadInt32LittleEndian(line[28..]);
        return line[16] == 1
            && line[17] <= (byte)RecordState.Released
            && line[18] <= GivenUp
            && dead <= FileRecord.MaxDead * TokenLength
            && payload >= 0
            && Align(FixedLength + dead + fingerprint + operation + (long)payload) == line.Length;
    }

    /// <summary>CRC-32C, which every processor has an instruction for.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)] // opens a store before the compiler could find out
    public static uint Checksum(ReadOnlySpan<byte> bytes)
    {
        var checksum = uint.MaxValue;
        foreach (var eight in MemoryMarshal.Cast<byte, ulong>(bytes))
        {
            checksum = BitOperations.Crc32C(checksum, eight);
        }

        foreach (var one in bytes[(bytes.Length & ~7)..])
        {
            checksum = BitOperations.Crc32C(checksum, one);
        }

        return ~checksum;
    }

    private static (int Dead, int Fingerprint, int Operation) Parts(ReadOnlySpan<byte> line) =>
        (line[19] * TokenLength, BinaryPrimitives.ReadUInt16LittleEndian(line[20..]), BinaryPrimitives.ReadUInt16LittleEndian(line[22..]));

    private static OwnerToken[] ReadDead(ReadOnlySpan<byte> bytes)
    {
        if (bytes.IsEmpty)
        {
            return [];
        }

        var tokens = new OwnerToken[bytes.Length / TokenLength];
        for (var i = 0; i < tokens.Length; i++)
        {
            tokens[i] = ReadToken(bytes[(i * TokenLength)..]);
        }

        return tokens;
    }

    private static void WriteToken(Span<byte> bytes, OwnerToken token)
    {
        BinaryPrimitives.WriteUInt64LittleEndian(bytes, token.High);
        BinaryPrimitives.WriteUInt64LittleEndian(bytes[8..], token.Low);
    }

    private static OwnerToken ReadToken(ReadOnlySpan<byte> bytes) =>
        new(BinaryPrimitives.ReadUInt64LittleEndian(bytes), BinaryPrimitives.ReadUInt64LittleEndian(bytes[8..]));

    private static long Align(long length) => (length + 7) & ~7L;
}
