using System.Buffers.Binary;
using System.Numerics;
using System.Text;

namespace Idempotency.Serialization;

/// <summary>An outcome as it is stored.</summary>
/// <remarks>
/// <code>
/// offset  size  meaning
/// 0       1     format, 1
/// 1       1     kind, see <see cref="EnvelopeKind"/>
/// 2       4     the operation's version
/// 6       4     length t of the type tag
/// 10      t     type tag: the full name of the result's or the exception's type, UTF-8. Compared, never used to make anything.
/// 10+t    4     length c of the content
/// 14+t    c     content
/// 14+t+c  4     CRC-32C of everything before
/// </code>
/// All numbers are little-endian. The stored form is an API: every released format stays readable.
/// </remarks>
internal readonly record struct Envelope(EnvelopeKind Kind, int Version, string TypeTag, ReadOnlyMemory<byte> Content)
{
    private const byte Format = 1;
    private const int FixedLength = 18;

    public byte[] Write()
    {
        var tagLength = Encoding.UTF8.GetByteCount(TypeTag);
        var bytes = new byte[FixedLength + tagLength + Content.Length];
        bytes[0] = Format;
        bytes[1] = (byte)Kind;
        var rest = bytes.AsSpan(2);
        BinaryPrimitives.WriteInt32LittleEndian(rest, Version);
        BinaryPrimitives.WriteInt32LittleEndian(rest[4..], tagLength);
        Encoding.UTF8.GetBytes(TypeTag, rest[8..]);
        rest = rest[(8 + tagLength)..];
        BinaryPrimitives.WriteInt32LittleEndian(rest, Content.Length);
        Content.Span.CopyTo(rest[4..]);
        BinaryPrimitives.WriteUInt32LittleEndian(rest[(4 + Content.Length)..], Checksum(bytes.AsSpan(0, bytes.Length - 4)));
        return bytes;
    }

    /// <exception cref="InvalidDataException">The bytes are not an envelope that this version reads; the message says why.</exception>
    public static Envelope Read(ReadOnlyMemory<byte> bytes)
    {
        var span = bytes.Span;
        if (span.Length > 0 && span[0] > Format)
        {
            throw new InvalidDataException($"it has format {span[0]}, written by a newer version of this library that reads up to more than {Format}.");
        }

        if (span.Length < FixedLength || span[0] != Format)
        {
            throw new InvalidDataException($"its {span.Length} bytes are not an outcome.");
        }

        if (BinaryPrimitives.ReadUInt32LittleEndian(span[^4..]) != Checksum(span[..^4]))
        {
            throw new InvalidDataException("its checksum is wrong; the bytes were damaged.");
        }

        var tagLength = BinaryPrimitives.ReadInt32LittleEndian(span[6..]);
        if (tagLength < 0 || tagLength > span.Length - FixedLength)
        {
            throw new InvalidDataException("its type tag is longer than the record.");
        }

        var contentLength = BinaryPrimitives.ReadInt32LittleEndian(span[(10 + tagLength)..]);
        if (contentLength != span.Length - FixedLength - tagLength)
        {
            throw new InvalidDataException("its content is not as long as it says.");
        }

        return new Envelope(
            (EnvelopeKind)span[1],
            BinaryPrimitives.ReadInt32LittleEndian(span[2..]),
            Encoding.UTF8.GetString(span.Slice(10, tagLength)),
            bytes.Slice(14 + tagLength, contentLength));
    }

    private static uint Checksum(ReadOnlySpan<byte> bytes)
    {
        var crc = uint.MaxValue;
        while (bytes.Length >= sizeof(ulong))
        {
            crc = BitOperations.Crc32C(crc, BinaryPrimitives.ReadUInt64LittleEndian(bytes));
            bytes = bytes[sizeof(ulong)..];
        }

        foreach (var value in bytes)
        {
            crc = BitOperations.Crc32C(crc, value);
        }

        return ~crc;
    }
}
