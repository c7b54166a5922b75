using System.Buffers.Binary;
using System.Numerics;
using System.Runtime.CompilerServices;
using System.Text;

namespace Idempotency.Keys;

public ref partial struct KeyWriter
{
    /// <summary>Adds the absence of a value, which no value equals.</summary>
    public void AddNull() => Reserve(1)[0] = (byte)KeyTag.Null;

    /// <summary>Adds a truth value.</summary>
    public void Add(bool value) => Reserve(1)[0] = (byte)(value ? KeyTag.True : KeyTag.False);

    /// <summary>Adds a number. The same number in another type is another value.</summary>
    public void Add(sbyte value) => Tagged(KeyTag.SByte, 1)[0] = (byte)value;

    /// <inheritdoc cref="Add(sbyte)"/>
    public void Add(byte value) => Tagged(KeyTag.Byte, 1)[0] = value;

    /// <inheritdoc cref="Add(sbyte)"/>
    public void Add(short value) => BinaryPrimitives.WriteInt16LittleEndian(Tagged(KeyTag.Int16, sizeof(short)), value);

    /// <inheritdoc cref="Add(sbyte)"/>
    public void Add(ushort value) => BinaryPrimitives.WriteUInt16LittleEndian(Tagged(KeyTag.UInt16, sizeof(ushort)), value);

    /// <inheritdoc cref="Add(sbyte)"/>
    public void Add(int value) => BinaryPrimitives.WriteInt32LittleEndian(Tagged(KeyTag.Int32, sizeof(int)), value);

    /// <inheritdoc cref="Add(sbyte)"/>
    public void Add(uint value) => BinaryPrimitives.WriteUInt32LittleEndian(Tagged(KeyTag.UInt32, sizeof(uint)), value);

    /// <inheritdoc cref="Add(sbyte)"/>
    public void Add(long value) => BinaryPrimitives.WriteInt64LittleEndian(Tagged(KeyTag.Int64, sizeof(long)), value);

    /// <inheritdoc cref="Add(sbyte)"/>
    public void Add(ulong value) => BinaryPrimitives.WriteUInt64LittleEndian(Tagged(KeyTag.UInt64, sizeof(ulong)), value);

    /// <inheritdoc cref="Add(sbyte)"/>
    public void Add(Int128 value) => BinaryPrimitives.WriteInt128LittleEndian(Tagged(KeyTag.Int128, 16), value);

    /// <inheritdoc cref="Add(sbyte)"/>
    public void Add(UInt128 value) => BinaryPrimitives.WriteUInt128LittleEndian(Tagged(KeyTag.UInt128, 16), value);

    /// <inheritdoc cref="Add(sbyte)"/>
    public void Add(BigInteger value)
    {
        var length = value.GetByteCount();
        value.TryWriteBytes(Framed(KeyTag.BigInteger, length), out _);
    }

    /// <summary>Adds a number. <c>-0.0</c> and <c>0.0</c> are one value, and so are all NaNs.</summary>
    public void Add(Half value) =>
        BinaryPrimitives.WriteHalfLittleEndian(Tagged(KeyTag.Half, 2), Half.IsNaN(value) ? Half.NaN : value + Half.Zero);

    /// <inheritdoc cref="Add(Half)"/>
    public void Add(float value) =>
        BinaryPrimitives.WriteSingleLittleEndian(Tagged(KeyTag.Single, sizeof(float)), float.IsNaN(value) ? float.NaN : value + 0f);

    /// <inheritdoc cref="Add(Half)"/>
    public void Add(double value) =>
        BinaryPrimitives.WriteDoubleLittleEndian(Tagged(KeyTag.Double, sizeof(double)), double.IsNaN(value) ? double.NaN : value + 0d);

    /// <summary>Adds an amount. <c>1.0m</c> and <c>1.00m</c> are one value.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)] // its locals would be cleared in every generated method
    public void Add(decimal value)
    {
        Span<int> bits = stackalloc int[4];
        decimal.GetBits(value, bits);
        if (bits[2] != 0)
        {
            // More than 64 bits of digits. Dividing by one with the greatest scale makes the runtime drop trailing zeros.
            decimal.GetBits(value / 1.000000000000000000000000000000000m, bits);
        }

        var digits = ((ulong)(uint)bits[1] << 32) | (uint)bits[0];
        var high = (uint)bits[2];
        var scale = (uint)bits[3];
        if (high == 0)
        {
            DropTrailingZeros(ref digits, ref scale);
        }

        var target = Tagged(KeyTag.Decimal, 16);
        BinaryPrimitives.WriteUInt64LittleEndian(target, digits);
        BinaryPrimitives.WriteUInt64LittleEndian(target[sizeof(ulong)..], ((ulong)scale << 32) | high);
    }

    /// <summary>The same as the division for the usual amounts, at a tenth of its cost; zero also loses its sign and its scale.</summary>
    private static void DropTrailingZeros(ref ulong digits, ref uint scale)
    {
        const uint OneDecimal = 1 << 16;
        const uint ScaleMask = 0xFF << 16;
        if (digits == 0)
        {
            scale = 0;
            return;
        }

        while ((scale & ScaleMask) != 0 && ulong.IsEvenInteger(digits) && digits / 10 is var tenth && tenth * 10 == digits)
        {
            digits = tenth;
            scale -= OneDecimal;
        }
    }

    /// <summary>Adds a UTF-16 code unit.</summary>
    public void Add(char value) => BinaryPrimitives.WriteUInt16LittleEndian(Tagged(KeyTag.Char, sizeof(char)), value);

    /// <summary>Adds a Unicode scalar value.</summary>
    public void Add(Rune value) => BinaryPrimitives.WriteInt32LittleEndian(Tagged(KeyTag.Rune, sizeof(int)), value.Value);

    /// <summary>Adds raw bytes.</summary>
    public void Add(ReadOnlySpan<byte> value) => value.CopyTo(Framed(KeyTag.Bytes, value.Length));

    /// <summary>Adds raw bytes, or the absence of any.</summary>
    public void Add(byte[]? value)
    {
        if (value is null)
        {
            AddNull();
            return;
        }

        Add(value.AsSpan());
    }

    /// <summary>Adds a GUID.</summary>
    public void Add(Guid value) => value.TryWriteBytes(Tagged(KeyTag.Guid, 16), bigEndian: true, out _);

    /// <summary>
    /// Adds a date and time: its ticks and its <see cref="DateTime.Kind"/>. Nothing is converted by the machine's time zone, so
    /// ten o'clock UTC and ten o'clock local are two values.
    /// </summary>
    public void Add(DateTime value)
    {
        var target = Tagged(KeyTag.DateTime, sizeof(long) + 1);
        BinaryPrimitives.WriteInt64LittleEndian(target, value.Ticks);
        target[sizeof(long)] = (byte)value.Kind;
    }

    /// <summary>Adds an instant. Equal instants in different offsets are one value, as <see cref="DateTimeOffset.Equals(DateTimeOffset)"/> says.</summary>
    public void Add(DateTimeOffset value) =>
        BinaryPrimitives.WriteInt64LittleEndian(Tagged(KeyTag.DateTimeOffset, sizeof(long)), value.UtcTicks);

    /// <summary>Adds a date.</summary>
    public void Add(DateOnly value) => BinaryPrimitives.WriteInt32LittleEndian(Tagged(KeyTag.DateOnly, sizeof(int)), value.DayNumber);

    /// <summary>Adds a time of day.</summary>
    public void Add(TimeOnly value) => BinaryPrimitives.WriteInt64LittleEndian(Tagged(KeyTag.TimeOnly, sizeof(long)), value.Ticks);

    /// <summary>Adds a duration.</summary>
    public void Add(TimeSpan value) => BinaryPrimitives.WriteInt64LittleEndian(Tagged(KeyTag.TimeSpan, sizeof(long)), value.Ticks);

    /// <summary>Adds a version number. <c>1.0</c> and <c>1.0.0</c> are two values.</summary>
    public void Add(Version? value)
    {
        if (value is null)
        {
            AddNull();
            return;
        }

        var target = Tagged(KeyTag.Version, 4 * sizeof(int));
        BinaryPrimitives.WriteInt32LittleEndian(target, value.Major);
        BinaryPrimitives.WriteInt32LittleEndian(target[4..], value.Minor);
        BinaryPrimitives.WriteInt32LittleEndian(target[8..], value.Build);
        BinaryPrimitives.WriteInt32LittleEndian(target[12..], value.Revision);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private Span<byte> Tagged(KeyTag tag, int length)
    {
        var target = Reserve(1 + length);
        target[0] = (byte)tag;
        return target[1..];
    }

    private Span<byte> Framed(KeyTag tag, int length)
    {
        var target = Reserve(1 + sizeof(int) + length);
        target[0] = (byte)tag;
        BinaryPrimitives.WriteInt32LittleEndian(target[1..], length);
        return target[(1 + sizeof(int))..];
    }
}
