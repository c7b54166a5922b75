using System.Buffers.Binary;
using System.Text;

namespace Idempotency.Serialization;

/// <summary>
/// The content of a failure's envelope: the message, the number of further texts, and each one's name and value; every text as its
/// length in bytes, 4 bytes little-endian, and UTF-8.
/// </summary>
internal static class FailureContent
{
    /// <summary>A message is for people; a longer one is cut.</summary>
    private const int MaxMessageLength = 4096;

    public static byte[] Write(FailureData data)
    {
        using var stream = new MemoryStream();
        Write(stream, data.Message.Length > MaxMessageLength ? data.Message[..MaxMessageLength] : data.Message);
        Write(stream, data.Values.Count);
        foreach (var (name, value) in data.Values)
        {
            Write(stream, name);
            Write(stream, value);
        }

        return stream.ToArray();
    }

    /// <exception cref="InvalidDataException">The bytes are not such a content.</exception>
    public static FailureData Read(ReadOnlySpan<byte> content)
    {
        var data = new FailureData(ReadText(ref content));
        for (var left = ReadNumber(ref content); left > 0; left--)
        {
            var name = ReadText(ref content);
            data[name] = ReadText(ref content);
        }

        return data;
    }

    private static void Write(MemoryStream stream, int number)
    {
        Span<byte> bytes = stackalloc byte[sizeof(int)];
        BinaryPrimitives.WriteInt32LittleEndian(bytes, number);
        stream.Write(bytes);
    }

    private static void Write(MemoryStream stream, string text)
    {
        var bytes = Encoding.UTF8.GetBytes(text);
        Write(stream, bytes.Length);
        stream.Write(bytes);
    }

    private static int ReadNumber(ref ReadOnlySpan<byte> content)
    {
        if (!BinaryPrimitives.TryReadInt32LittleEndian(content, out var number) || number < 0)
        {
            throw new InvalidDataException("its failure ends too early.");
        }

        content = content[sizeof(int)..];
        return number;
    }

    private static string ReadText(ref ReadOnlySpan<byte> content)
    {
        var length = ReadNumber(ref content);
        if (length > content.Length)
        {
            throw new InvalidDataException("its failure ends too early.");
        }

        var text = Encoding.UTF8.GetString(content[..length]);
        content = content[length..];
        return text;
    }
}
