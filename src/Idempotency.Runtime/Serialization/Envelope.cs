using System.Buffers.Binary;
using System.Numerics;
using System.Text;

namespace Idempotency.Serialization;

/// <summary>An outcome as it is stored.</summary>
/// <remarks>
/// <code>
/// offset  size  meaning
/// 0       1     0x1D, which no text starts with
/// 1       1     format, 1
/// 2       1     kind, see <see cref="EnvelopeKind"/>
/// 3       4     the operation's version
/// 7       4     length t of the type tag
/// 11      t     type tag: the full name of the result's or the exception's type, UTF-8. Compared, never used to make anything.
/// 11+t    4     length c of the content
/// 15+t    c     content
/// 15+t+c  4     CRC-32C of everything before
/// </code>
/// All numbers are little-endian. The stored form is an API: every released format stays readable.
/// </remarks>
internal readonly record struct Envelope(EnvelopeKind Kind, int Version, string TypeTag, ReadOnlyMemory<byte> Content)
{
    private const byte Mark = 0x1D;
    private const byte Format = 1;

    // Where the parts of fixed length start, and how long they are together.
    private const int KindAt = 2;
    private const int VersionAt = 3;
    private const int TagLengthAt = 7;
    private const int TagAt = 11;
    private const int FixedLength = TagAt + sizeof(int) + sizeof(uint);

    public byte[] Write()
    {
        var tagLength = Encoding.UTF8.GetByteCount(TypeTag);
        var bytes = new byte[FixedLength + tagLength + Content.Length];
        var span = bytes.AsSpan();
        span[0] = Mark;
        span[1] = Format;
        span[KindAt] = (byte)Kind;
        BinaryPrimitives.WriteInt32LittleEndian(span[VersionAt..], Version);
        BinaryPrimitives.WriteInt32LittleEndian(span[TagLengthAt..], tagLength);
        Encoding.UTF8.GetBytes(TypeTag, span[TagAt..]);
        BinaryPrimitives.WriteInt32LittleEndian(span[(TagAt + tagLength)..], Content.Length);
        Content.Span.CopyTo(span[(TagAt + tagLength + sizeof(int))..]);
        BinaryPrimitives.WriteUInt32LittleEndian(span[^sizeof(uint)..], Checksum(span[..^sizeof(uint)]));
        return bytes;
    }

    /// <param name="bytes">What <see cref="Write"/> made.</param>
    /// <param name="likelyTag">The type tag that is expected, which then needs no other string.</param>
    /// <exception cref="InvalidDataException">The bytes are not an envelope that this version reads; the message says why.</exception>
    public static Envelope Read(ReadOnlyMemory<byte> bytes, string likelyTag = "")
    {
        var span = bytes.Span;
        if (span.Length < FixedLength || span[0] != Mark)
        {
            throw new InvalidDataException($"its {span.Length} bytes are not an outcome.");
        }

        if (span[1] > Format)
        {
            throw new InvalidDataException($"it has format {span[1]}, written by a newer version of this library; this one reads format {Format}.");
        }

        if (BinaryPrimitives.ReadUInt32LittleEndian(span[^sizeof(uint)..]) != Checksum(span[..^sizeof(uint)]))
        {
            throw new InvalidDataException("its checksum is wrong; the bytes were damaged.");
        }

        var tagLength = BinaryPrimitives.ReadInt32LittleEndian(span[TagLengthAt..]);
        if (tagLength < 0 || tagLength > span.Length - FixedLength)
        {
            throw new InvalidDataException("its type tag is longer than the record.");
        }

        var contentAt = TagAt + tagLength + sizeof(int);
        var contentLength = BinaryPrimitives.ReadInt32LittleEndian(span[(TagAt + tagLength)..]);
        if (contentLength != span.Length - FixedLength - tagLength)
        {
            throw new InvalidDataException("its content is not as long as it says.");
        }

        var tag = span.Slice(TagAt, tagLength);
        return new Envelope(
            (EnvelopeKind)span[KindAt],
            BinaryPrimitives.ReadInt32LittleEndian(span[VersionAt..]),
            Ascii.Equals(tag, likelyTag) ? likelyTag : Encoding.UTF8.GetString(tag),
            bytes.Slice(contentAt, contentLength));
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
