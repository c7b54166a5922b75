using System.Buffers;
using System.Buffers.Binary;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Text;
using System.Text.Unicode;

namespace Idempotency.Keys;

public ref partial struct KeyWriter
{
    /// <summary>Adds text, ordinally: nothing is folded, trimmed or normalised. <see langword="null"/> and <c>""</c> differ.</summary>
    public void Add(string? value)
    {
        if (value is null)
        {
            AddNull();
            return;
        }

        AddText(KeyTag.Utf8Text, value);
    }

    /// <summary>Adds a URI as it was written, so that nothing depends on how a release normalises it.</summary>
    public void Add(Uri? value)
    {
        if (value is null)
        {
            AddNull();
            return;
        }

        Reserve(1)[0] = (byte)KeyTag.Uri;
        AddText(KeyTag.Utf8Text, value.OriginalString);
    }

    /// <summary>Adds the type argument of a generic method or type, by its full name without its assembly.</summary>
    public void AddType(Type value)
    {
        ArgumentNullException.ThrowIfNull(value);
        AddText(KeyTag.Utf8Text, value.ToString());
        _partsStart = _position; // a type alone is no key
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private void AddText(KeyTag tag, ReadOnlySpan<char> text)
    {
        var start = _position;
        var target = Framed(tag, text.Length);
        if (TryWriteAscii(text, target))
        {
            return;
        }

        _position = start;
        target = Framed(tag, Encoding.UTF8.GetByteCount(text));
        if (Utf8.FromUtf16(text, target, out _, out _, replaceInvalidSequences: false) == OperationStatus.Done)
        {
            return;
        }

        // Half a surrogate pair has no UTF-8; replacing it would make different strings one key.
        _position = start;
        var raw = Framed(KeyTag.Utf16Text, text.Length * sizeof(char));
        if (BitConverter.IsLittleEndian)
        {
            MemoryMarshal.AsBytes(text).CopyTo(raw);
            return;
        }

        for (var i = 0; i < text.Length; i++)
        {
            BinaryPrimitives.WriteUInt16LittleEndian(raw[(i * sizeof(char))..], text[i]);
        }
    }

    /// <summary>Writes text that is nothing but ASCII, as most is, one byte for each character; what it has written before it finds another does not count.</summary>
    private static bool TryWriteAscii(ReadOnlySpan<char> text, Span<byte> target)
    {
        if (text.Length < Vector128<ushort>.Count)
        {
            for (var i = 0; i < text.Length; i++)
            {
                if (text[i] > 0x7F)
                {
                    return false;
                }

                target[i] = (byte)text[i];
            }

            return true;
        }

        ref var source = ref Unsafe.As<char, ushort>(ref MemoryMarshal.GetReference(text));
        ref var bytes = ref MemoryMarshal.GetReference(target);
        for (var i = 0; i < text.Length; i += Vector128<ushort>.Count)
        {
            var at = (nuint)Math.Min(i, text.Length - Vector128<ushort>.Count); // the last ones with some that came before
            var characters = Vector128.LoadUnsafe(ref source, at);
            if ((characters & Vector128.Create<ushort>(0xFF80)) != Vector128<ushort>.Zero)
            {
                return false;
            }

            Vector128.Narrow(characters, characters).GetLower().StoreUnsafe(ref bytes, at);
        }

        return true;
    }
}
